import { placeholders } from "../contract/placeholder-arns.ts";
import type { Permission, StepPlan } from "../contract/plan.ts";
import { cataloguePermissions, probeCataloguePermissions } from "../engine/catalogue-permissions.ts";
import { planExperiment } from "../engine/plan.ts";
import { describeTunables } from "../engine/tunables.ts";
import { builtinFaults } from "../faults/index.ts";
import { didYouMean } from "../load/nearest.ts";
import { builtinProbes } from "../probes/index.ts";
import { type PolicyForm, policyText } from "../report/policy-forms.ts";
import { policyJson } from "../report/policy-json.ts";
import { trustPolicy } from "../report/trust-policy.ts";
import { builtinResources } from "../resources/index.ts";
import { exitCodes } from "./exit-codes.ts";
import { readSubject } from "./experiment-input.ts";
import { assembleParts, openStateJournal } from "./parts.ts";
import { NO_RUN } from "./plan.ts";
import type { FileFlags } from "./program.ts";
import type { Shell } from "./shell.ts";
import { readTrust, refuseTrustFlags, type TrustFlags, type TrustKind } from "./trust-input.ts";
import { UsageError } from "./usage-error.ts";

export interface PolicyFlags extends FileFlags, TrustFlags {
  readonly all?: boolean;
  readonly step?: string;
  readonly asDocumented?: boolean;
  readonly trust?: TrustKind;
  readonly as: PolicyForm;
}

interface Asked {
  /** A file, or a fault's id. */
  readonly subject: string | undefined;
  readonly assignments: readonly string[];
  readonly flags: PolicyFlags;
}

/** `unplug policy [FILE | ID [TUNABLE=VALUE ...]]`: of a run by its plan, so that it names the very resources. */
export async function policyCommand(asked: Asked, shell: Shell): Promise<number> {
  const { flags } = asked;
  if (flags.trust === undefined)
    refuseTrustFlags(flags, [], "is for --trust, which says who may take a role");
  const write = (document: object, use: "permissions" | "trust") => {
    shell.stdout.write(policyText(document, flags.as, use));
    for (const notice of noticesOf(document, use)) shell.stderr.write(`${notice}\n`);
  };
  if (flags.trust !== undefined) {
    if (flags.step !== undefined) throw new UsageError("--trust is for no experiment: leave --step out.");
    refuseSubject(asked, "--trust");
    write(trustPolicy(readTrust(flags.trust, flags)), "trust");
  } else if (flags.asDocumented === true) {
    write(documented(asked), "permissions");
  } else {
    write(policyJson(await permissionsOf(asked, shell)), "permissions");
  }
  return exitCodes.done;
}

async function permissionsOf(asked: Asked, shell: Shell): Promise<readonly Permission[]> {
  const { subject, assignments, flags } = asked;
  const isFault = builtinFaults.some(({ id }) => id === subject);
  if (flags.step !== undefined && (flags.all === true || subject === undefined || isFault))
    throw new UsageError("--step names a step of an experiment file, and there is none here: leave it out.");
  if (flags.all === true) {
    refuseSubject(asked, "--all");
    return [
      ...builtinFaults.flatMap((fault) => cataloguePermissions(fault, builtinResources)),
      ...builtinProbes.flatMap(probeCataloguePermissions),
    ];
  }
  if (subject === undefined)
    throw new UsageError(
      "Name an experiment file or a fault, or say --all; `unplug faults` lists the faults.",
    );
  const fault = builtinFaults.find(({ id }) => id === subject);
  const isBare = assignments.length === 0 && flags.set.length === 0 && flags.var.length === 0;
  // Tunables of its own in the environment name a function as arguments do.
  const own = fault === undefined ? [] : describeTunables(fault).filter(({ common }) => !common);
  if (fault !== undefined && isBare && own.every(({ name }) => (shell.env[name] ?? "") === ""))
    return cataloguePermissions(fault, builtinResources);
  return plannedPermissions(subject, assignments, flags, shell);
}

async function plannedPermissions(
  subject: string,
  assignments: readonly string[],
  flags: PolicyFlags,
  shell: Shell,
): Promise<readonly Permission[]> {
  const { experiment, notices } = await readSubject(subject, assignments, flags, shell);
  for (const notice of notices) shell.stderr.write(`${notice}\n`);
  const names = experiment.steps.flatMap((step) => (step.kind === "fault" ? [step.name] : []));
  const { step: only } = flags;
  if (only !== undefined && !names.includes(only))
    throw new UsageError(
      `--step ${only}: the file has no such step${didYouMean(only, names)}, expected one of ${names.join(", ")}.`,
    );
  const journal = openStateJournal(shell);
  try {
    const parts = assembleParts(shell, journal);
    const plan = await planExperiment(experiment, NO_RUN, parts, new AbortController().signal);
    const steps = plan.steps.filter((step) => step.kind === "fault");
    if (only === undefined) tellCallers(steps, subject, shell);
    const isMeant = (name: string | null) => only === undefined || only === (name ?? names[0]);
    return [
      ...steps.flatMap((step) => (isMeant(step.step.name) ? step.permissions : [])),
      // Those of the whole run are asked as its first step is.
      ...plan.probes.flatMap((probe) => (isMeant(probe.step) ? probe.permissions : [])),
    ];
  } finally {
    journal.close();
  }
}

/** One policy for all of them would give each what only another needs. */
function tellCallers(steps: readonly StepPlan[], file: string, { stderr }: Shell): void {
  const callers = Map.groupBy(steps, ({ identity }) => identity);
  if (callers.size < 2) return;
  const told = [...callers].map(
    ([identity, members]) => `${members.map(({ step }) => step.name).join(", ")} as ${identity}`,
  );
  stderr.write(
    `Its steps run as several callers: ${told.join("; ")}. Attach to each its own: unplug policy ${file} --step NAME\n`,
  );
}

/** What the public page of a fault prints: wider than is needed, and enough. */
function documented({ subject, assignments, flags }: Asked): object {
  const known = builtinFaults.filter(({ documented: actions }) => actions !== undefined);
  const ids = known.map(({ id }) => id);
  if (assignments.length > 0 || flags.set.length > 0 || flags.var.length > 0)
    throw new UsageError(
      "--as-documented takes no tunables: what a page prints is the same for every function.",
    );
  if (flags.all === true && subject !== undefined) refuseSubject({ subject, assignments, flags }, "--all");
  const chosen = flags.all === true ? known : known.filter(({ id }) => id === subject);
  if (flags.step !== undefined) throw new UsageError("--as-documented takes no --step: a page knows none.");
  if (chosen.length === 0) {
    const found = subject === undefined ? "" : ` ${subject}${didYouMean(subject, ids)}`;
    throw new UsageError(
      `--as-documented${found}: expected a fault whose page prints a policy: ${ids.join(", ")}.`,
    );
  }
  const Action = [...new Set(chosen.flatMap(({ documented: actions = [] }) => actions))];
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] };
}

function refuseSubject({ subject, assignments, flags }: Asked, option: string): void {
  const also = [
    subject,
    ...assignments,
    ...(option === "--all" ? [] : [flags.all === true ? "--all" : undefined]),
  ];
  const [first] = also.filter((one) => one !== undefined);
  if (first !== undefined) throw new UsageError(`${option} is for no experiment: leave ${first} out.`);
  if (option !== "--all" && flags.asDocumented === true)
    throw new UsageError(`${option} is for no experiment: leave --as-documented out.`);
  if (flags.set.length > 0 || flags.var.length > 0)
    throw new UsageError(`--set and --var fill in a file, and ${option} has none.`);
}

/** Characters that IAM takes in a managed policy, blanks not counted. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST_CHARACTERS = 6_144;

function noticesOf(document: object, use: "permissions" | "trust"): readonly string[] {
  const text = JSON.stringify(document);
  const open = Object.entries(placeholders).filter(([name]) => new RegExp(`[:/]${name}\\b`).test(text));
  const length = text.replace(/\s/g, "").length;
  return [
    ...(open.length === 0
      ? []
      : [`Put your own in place of ${open.map(([name, meaning]) => `${name} (${meaning})`).join(", ")}.`]),
    ...(use === "trust" || length <= MOST_CHARACTERS
      ? []
      : [
          `It has ${length} characters, and IAM takes ${MOST_CHARACTERS} in a managed policy: attach it in parts, or widen its resources.`,
        ]),
  ];
}
