import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import type { Candidate } from "./candidates.ts";
import { assignments } from "./from-faults.ts";

/** `STEP.TUNABLE=` for the steps of an experiment file; nothing when it cannot be read. */
export async function stepTunables(file: string | undefined, typed: string): Promise<readonly Candidate[]> {
  const { builtinFaults } = await import("../../faults/index.ts");
  const found = stepsIn(await textOf(file)).map(async ({ step, fault: id }) => {
    const fault = builtinFaults.find((one) => one.id === id);
    if (fault === undefined) return [];
    return assignments(fault, { given: [], typed, env: {}, before: `${step}.` });
  });
  return (await Promise.all(found)).flat();
}

/** `NAME=` for each `${NAME}` in an experiment file. */
export async function fileVariables(file: string | undefined): Promise<readonly Candidate[]> {
  const names = [...(await textOf(file)).matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name]) => name);
  return [...new Set(names)].map((name) => ({ value: `${name}=`, about: "" }));
}

function stepsIn(text: string): readonly { readonly step: string; readonly fault: string }[] {
  const steps = field(field(parsed(text), "spec"), "steps");
  if (!Array.isArray(steps)) return [];
  return steps.flatMap((one: unknown) => {
    const [fault, name] = [field(one, "fault"), field(one, "name")];
    return typeof fault === "string" ? [{ step: typeof name === "string" ? name : fault, fault }] : [];
  });
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** Half a file is what an author has who presses Tab. */
function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: "silent" });
  } catch {
    return null;
  }
}

async function textOf(file: string | undefined): Promise<string> {
  if (file === undefined || file === "-") return "";
  return readFile(file, "utf8").catch(() => "");
}
