import type { Recorded } from "../contract/journal.ts";
import type { Place } from "../contract/place.ts";
import { shellWord, whereOf } from "./aws-cli-line.ts";
import { functionsFor, TOLD_AT_THE_END, TRYING } from "./by-hand-shell.ts";
import { type OpenEdit, openEdits } from "./open-edits.ts";
import type { Parts } from "./parts.ts";
import { resourceTable } from "./readings.ts";
import { type Giving, type UndoStep, undoSteps } from "./undo-steps.ts";

/**
 * The plain AWS CLI calls that restore a run, last first, as a script for the day when Unplug itself is broken.
 *
 * It stops before its first line with credentials of another account, and at none of its failures: it counts them, and what it
 * cannot do it says, and counts too.
 */
export async function byHandScript(
  run: string,
  events: readonly Recorded[],
  parts: Pick<Parts, "resources">,
): Promise<string> {
  const open = openEdits(events).toReversed();
  const table = resourceTable(parts.resources);
  const head = ["#!/bin/sh", `# Takes out of AWS what run ${run} left there. Read it before you run it.`];
  const [first] = open;
  if (first === undefined) return [...head, `echo 'Nothing of run ${run} is left.'`, ""].join("\n");
  const undos = await Promise.all(
    open.map(async (edit) => ({ edit, steps: await undoSteps(edit.value, table) })),
  );
  const parted = [...new Set(open.map(partOf))];
  const lines = undos.flatMap(({ edit, steps }, i) => {
    const previous = open[i - 1];
    const { account } = edit.value.ref.place;
    const isOther = previous?.value.ref.place.account !== account;
    const isApart = previous === undefined || partOf(previous) !== partOf(edit);
    return [
      ...(isOther ? [`of=${account}`] : []),
      ...(isApart ? [`part=${parted.indexOf(partOf(edit)) + 1}`] : []),
      ...steps.flatMap((step) => linesOf(step, edit)),
    ];
  });
  const accounts = [...new Set(open.map(({ value }) => value.ref.place.account))];
  const body = [
    ...prologue(run, accounts, first.value.ref.place),
    ...TRYING,
    ...functionsFor(lines),
    ...lines,
  ];
  return [...head, ...body, ...TOLD_AT_THE_END, ""].join("\n");
}

/** What is undone last first, and stops where one of it fails. */
function partOf({ step, target }: OpenEdit): string {
  return `${step}|${target}`;
}

function linesOf(step: UndoStep, edit: OpenEdit): readonly string[] {
  if (step.does === "note") return [`# ${step.text}`];
  if (step.does === "nothing") return [`cannot ${shellWord(step.text)}`];
  // What is inert may be needed by what would not go.
  const how = edit.value.mayStay === true ? "last" : "try";
  const line = lineOf(step);
  const updates = updatedBy(step);
  return [`${how} ${line}`, ...(updates === null ? [] : [`settled ${updates}`])];
}

type Tried = Exclude<UndoStep, { readonly text: string }>;

function lineOf(step: Tried): string {
  if (step.does === "call") return step.line;
  if (step.does === "give") return givingLine(step);
  const { functionArn, where } = step;
  if (step.does === "delete") return `delete_version ${functionArn} ${shellWord(step.description)} ${where}`;
  const image = [step.ours, step.registryId, step.repositoryName, step.tag].map(shellWord).join(" ");
  return `untag ${functionArn} ${image} '${where}' ${step.line}`;
}

/** The options that name the function that it updates. */
function updatedBy(step: Tried): string | null {
  if (step.does === "call") return step.updates;
  return step.does === "give" ? `--function-name ${step.functionArn} ${step.where}` : null;
}

function givingLine({ functionArn, ours, own, from, where }: Giving): string {
  const words = [functionArn, ours, own].map(shellWord).join(" ");
  if (from === null) return `give_code ${words} ${where}`;
  if (from.kind === "staged")
    return `give_staged ${shellWord(from.bucket)} ${shellWord(from.key)} ${words} ${where}`;
  const { registryId, repositoryName, tag, uri } = from;
  const named = [registryId, repositoryName, tag ?? "", uri].map((word) =>
    word === "" ? "''" : shellWord(word),
  );
  return `give_image ${named.join(" ")} ${words} ${where}`;
}

/** A run may have been made in several accounts; these credentials are of one. */
function prologue(run: string, accounts: readonly string[], place: Place): readonly string[] {
  return [
    "set -u",
    `run=${run}`,
    `account=$(aws sts get-caller-identity --query Account --output text ${whereOf(place)}) || exit 1`,
    'case "$account" in',
    `  ${accounts.join(" | ")}) ;;`,
    `  *) echo "These credentials are of account $account; the run was made in ${accounts.join(", ")}. Nothing was changed." >&2`,
    "     exit 1 ;;",
    "esac",
  ];
}
