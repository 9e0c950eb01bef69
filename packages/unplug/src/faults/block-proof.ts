import * as z from "zod";
import { readLine } from "../carriers/interceptor.ts";
import type { Evidence, Sample, TimedSample } from "../contract/evidence.ts";
import type { Target } from "../contract/fault.ts";
import type { Io } from "../contract/io.ts";
import type { Json } from "../contract/json.ts";
import { optionalText } from "../contract/tunables.ts";

/** The tunables by which a run invokes the function itself, to see the effect. */
export const proofTunables = {
  PROOF: z
    .enum(["log", "invoke"], "must be log or invoke")
    .default("log")
    .describe(
      "How the effect is looked for: in the function's log, or also by one invocation of the run's own",
    ),
  PROOF_PAYLOAD: optionalText(
    "What the run's own invocation is given, as JSON, with PROOF=invoke; empty: {}",
  ).refine((value) => value === "" || isJson(value), 'must be JSON, like {"order":1}'),
};

interface Proof {
  readonly proof: "log" | "invoke";
  readonly proofPayload: string;
}

/** Blocked connects that the end of an invocation's log shows. */
const CHANNEL = "connects blocked in the run's own invocation";

/** Invokes each function, or its alias, once; nothing when that is not asked for. Rejects when there is no answer. */
export async function invokeOnce(
  targets: readonly Target[],
  { proof, proofPayload }: Proof,
  io: Io,
): Promise<readonly Sample[]> {
  if (proof !== "invoke") return [];
  const Payload = Buffer.from(proofPayload === "" ? "{}" : proofPayload);
  return Promise.all(
    targets.map(async ({ about }) => {
      const input = { FunctionName: textOf(about["called"]), Payload, LogType: "Tail" } as const;
      const { LogResult = "" } = await io.aws.call("lambda:Invoke", input, io.signal);
      const lines = Buffer.from(LogResult, "base64").toString("utf8").split("\n");
      const value = lines.filter((line) => readLine(line)?.kind === "blocked").length;
      return { channel: CHANNEL, subject: textOf(about["functionName"]), value };
    }),
  );
}

/** What the run's own invocations say of the effect; nothing when there were to be none. */
export function judgeInvocations(
  targets: readonly Target[],
  { proof }: Proof,
  samples: readonly TimedSample[],
): readonly Evidence[] {
  if (proof !== "invoke") return [];
  return targets.map(({ about }) => {
    const name = textOf(about["functionName"]);
    return judgeOne(
      name,
      samples.filter(({ channel, subject }) => channel === CHANNEL && subject === name),
    );
  });
}

function judgeOne(name: string, samples: readonly TimedSample[]): Evidence {
  const blocked = samples.reduce((sum, { value }) => sum + value, 0);
  const numbers = { invocations: samples.length, blocked };
  const evidence = { channel: CHANNEL, subject: name, numbers };
  if (samples.length === 0) {
    const text = `The run's own invocation of ${name} had no answer while the fault was in (lambda:InvokeFunction, or it takes longer).`;
    return { ...evidence, verdict: "unreadable", text };
  }
  const which = samples.length === 1 ? "invocation" : `${samples.length} invocations`;
  if (blocked > 0) {
    const text = `At least ${blocked} connect${blocked === 1 ? " was" : "s were"} blocked in the run's own ${which} of ${name}.`;
    return { ...evidence, verdict: "seen", text };
  }
  const text = `In the run's own ${which} of ${name} the end of the log shows no blocked connect: give a PROOF_PAYLOAD with which it connects.`;
  return { ...evidence, verdict: "absent", text };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
