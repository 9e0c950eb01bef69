import { functionArnOf } from "../contract/arns.ts";
import type { Recorded } from "../contract/journal.ts";
import { type OpenEdit, openEdits } from "./open-edits.ts";
import type { Parts } from "./parts.ts";
import { resourceTable } from "./readings.ts";
import { undoLines } from "./recorder.ts";

/**
 * The plain AWS CLI calls that restore a run, last first, as a script for the day when Unplug itself is broken.
 *
 * It stops before its first line with credentials of another account, and at none of its failures: it counts them.
 */
export async function byHandScript(
  run: string,
  events: readonly Recorded[],
  parts: Pick<Parts, "resources">,
): Promise<string> {
  const open = openEdits(events).toReversed();
  const table = resourceTable(parts.resources);
  const lines = await Promise.all(
    open.map(async ({ value }, i) => {
      const { account } = value.ref.place;
      const sameAsLast = open[i - 1]?.value.ref.place.account === account;
      const calls = await undoLines([value], table);
      // What is inert may be needed by what would not go.
      const how = value.mayStay === true ? "last" : "try";
      const isFollowed = open.slice(i + 1).some((next) => functionOf(next) === functionOf({ value }));
      return [
        ...(sameAsLast ? [] : [`of=${account}`]),
        ...calls.flatMap((line) =>
          line.startsWith("#") ? line : [`${how} ${line}`, ...(isFollowed ? waitsAfter(line) : [])],
        ),
      ];
    }),
  );
  const head = ["#!/bin/sh", `# Takes out of AWS what run ${run} left there. Read it before you run it.`];
  const [first] = open;
  if (first === undefined) return [...head, `echo 'Nothing of run ${run} is left.'`, ""].join("\n");
  const accounts = [...new Set(open.map(({ value }) => value.ref.place.account))];
  return [...head, ...prologue(accounts, first.value.ref.place), ...lines.flat(), ...EPILOGUE, ""].join("\n");
}

function functionOf({ value }: Pick<OpenEdit, "value">): string | null {
  return functionArnOf(value.ref);
}

/** AWS changes one thing of a function at a time, and refuses the next until it is done. */
function waitsAfter(line: string): readonly string[] {
  const [, named, where] =
    /^aws lambda update-function-(?:code|configuration) .*?(--function-name \S+) .*(--region .*)$/.exec(
      line,
    ) ?? [];
  return named === undefined ? [] : [`try aws lambda wait function-updated-v2 ${named} ${where}`];
}

/** A run may have been made in several accounts; these credentials are of one. */
function prologue(
  accounts: readonly string[],
  { region, endpoint }: { readonly region: string; readonly endpoint: string | null },
): readonly string[] {
  const where = `--region ${region}${endpoint === null ? "" : ` --endpoint-url ${endpoint}`}`;
  return [
    "set -u",
    `account=$(aws sts get-caller-identity --query Account --output text ${where}) || exit 1`,
    'case "$account" in',
    `  ${accounts.join(" | ")}) ;;`,
    `  *) echo "These credentials are of account $account; the run was made in ${accounts.join(", ")}. Nothing was changed." >&2`,
    "     exit 1 ;;",
    "esac",
    "failed=0",
    "try() {",
    '  echo "+ $*"',
    '  if [ "$of" != "$account" ]; then',
    '    echo "Not tried: it needs credentials of account $of." >&2; failed=$((failed + 1)); return',
    "  fi",
    '  "$@" || failed=$((failed + 1))',
    "}",
    "last() {",
    '  if [ "$failed" -eq 0 ]; then try "$@"; return; fi',
    '  echo "+ $*"',
    '  echo "Not tried: what failed may need it still." >&2; failed=$((failed + 1))',
    "}",
  ];
}

const EPILOGUE: readonly string[] = [
  'if [ "$failed" -gt 0 ]; then',
  '  echo "$failed of these calls failed: what they would have put back may still be in. Mend the reason and run this again." >&2',
  "  exit 1",
  "fi",
];
