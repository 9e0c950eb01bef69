import * as z from "zod";
import { type CommandAnswer, defineProbe, type ProbeAnswer, type ProbeIo } from "../contract/probe.ts";
import { readText, textOrSecret } from "./http-access.ts";
import { jsonMeasures, jsonText } from "./json-measures.ts";

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
/** So much of what a command printed is enough to see why it is no number. */
const SHOWN = 100;

const word = z.union([z.string(), z.number().transform(String)], "must be a text");

const settings = z
  .strictObject({
    argv: z
      .array(word)
      .min(1, "must name a program")
      .refine(([program]) => program !== "", { error: "must name a program" })
      .describe("The program and its arguments, as a list; no shell reads them")
      .optional(),
    shell: z.string().trim().min(1, "must be a command").describe("A command line for /bin/sh").optional(),
    env: z
      .record(z.string(), textOrSecret)
      .refine((env) => Object.keys(env).every((name) => /^[^=\0]+$/.test(name)), {
        error: "must have names of variables as its keys",
      })
      .default({})
      .describe("Variables besides those that Unplug has itself: a text, or {secret: NAME}"),
  })
  .refine(({ argv, shell }) => (argv === undefined) !== (shell === undefined), {
    error: "must have `argv` or `shell`, one of both",
  })
  .meta({ oneOf: [{ required: ["argv"] }, { required: ["shell"] }] });

/** Runs a program, in the folder in which Unplug runs; all that it has started ends with it. */
export const commandProbe = defineProbe({
  type: "command",
  summary: "Runs a program on this machine, and measures its exit code and what it prints",
  settings,
  measures: {
    exitCode: { kind: "number", description: "Exit code of the program" },
    stdout: { kind: "text", description: "What it printed, without blanks around it, its first MiB" },
    stderr: { kind: "text", description: "What it complained of, in the same way" },
    number: { kind: "number", description: "What it printed, where that is a number" },
    "json.*": { kind: "any", description: "A member of the JSON that it printed, by its dotted path" },
  },
  expects: [{ measure: "exitCode", operator: "==", value: 0 }],
  example: { settings: { argv: ["./count-orders", "--since", "1m"] }, expect: { number: { ">": 0 } } },
  async prepare({ env }, io) {
    await readVariables(env, io);
  },
  async check({ argv, shell, env }, io) {
    const command = argv ?? ["/bin/sh", "-c", shell ?? ""];
    const options = { env: await readVariables(env, io), signal: io.signal };
    return measured(await io.command(command, options), argv?.[0] ?? "the command");
  },
});

async function readVariables(
  env: z.output<typeof settings>["env"],
  io: Pick<ProbeIo, "secret">,
): Promise<Readonly<Record<string, string>>> {
  const read = Object.entries(env).map(async ([name, value]) => [name, await readText(value, io)] as const);
  return Object.fromEntries(await Promise.all(read));
}

function measured({ exitCode, signal, ...printed }: CommandAnswer, program: string): ProbeAnswer {
  const [stdout, stderr] = [printed.stdout.trim(), printed.stderr.trim()];
  const json = jsonMeasures(stdout);
  const number = NUMBER.test(stdout) && Number.isFinite(Number(stdout)) ? Number(stdout) : null;
  const measures = { exitCode, stdout, stderr, number, ...json };
  if (exitCode === null) return { measures, failure: `${program} was ended by ${signal ?? "a signal"}` };
  const complaint = stderr === "" ? "" : `, and complained: ${shown(stderr)}`;
  return {
    measures,
    missing: `${program} (exit code ${exitCode}) printed ${shown(stdout)}, which is no number and is ${jsonText(json)}${complaint}`,
  };
}

function shown(text: string): string {
  return JSON.stringify(text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`);
}
