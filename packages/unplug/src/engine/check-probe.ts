import { isSeriesExpectation, unmet } from "../contract/expectation.ts";
import type {
  AnyProbe,
  Check,
  Measured,
  Measures,
  MissingPolicy,
  ProbeAnswer,
  ProbeIo,
  ProbeSpec,
} from "../contract/probe.ts";
import { isMatch } from "./is-match.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { within } from "./within.ts";

/** More of a text is judged, and not kept. */
const MOST_TEXT = 1_000;

/** A probe of a run with what asks it. */
export interface ReadyProbe {
  readonly key: string;
  /** Null: the run's own. */
  readonly step: string | null;
  readonly role: "hypothesis" | "stop";
  readonly spec: ProbeSpec;
  readonly probe: AnyProbe;
  /** As the type's schema made it. */
  readonly settings: unknown;
  readonly io: Pick<ProbeIo, "aws" | "secret" | "file" | "command" | "clock">;
}

/** Asks until it passes or its attempts are used up. Null when `signal` ended it: then nothing is known. */
export async function checkProbe(
  { spec, probe, settings, io }: ReadyProbe,
  { mayRetry, ...asked }: Asked,
  signal: AbortSignal,
): Promise<{ readonly askedAt: number; readonly check: Check } | null> {
  const { timeoutMs, intervalMs, attempts } = spec.run;
  const secrets = new Map<string, string>();
  const secret: ProbeIo["secret"] = async (name) => {
    const text = await io.secret(name);
    secrets.set(name, text);
    return text;
  };
  for (let attempt = 1; ; attempt += 1) {
    const askedAt = io.clock.now();
    const judged = await within(io.clock, timeoutMs, signal, (signal) =>
      probe.check(settings, { ...io, ...asked, secret, lagMs: spec.lagMs, signal, timeoutMs }),
    )
      .then((answer) => (answer === null ? late(probe, timeoutMs) : kept(judge(answer, spec), spec, probe)))
      .catch((error: unknown) => errored(textOf(error)));
    if (signal.aborted) return null;
    const { phase, about } = asked;
    const check = { ...maskSecrets(judged, secrets), phase, about, attempts: attempt };
    if (judged.result === "passed" || judged.result === "missing" || attempt >= attempts)
      return { askedAt, check };
    await io.clock.sleep(Math.max(0, askedAt + intervalMs - io.clock.now()), signal);
    if (signal.aborted) return null;
    if (!mayRetry(io.clock.now())) return { askedAt, check };
  }
}

interface Asked extends Pick<ProbeIo, "phase" | "about" | "since"> {
  /** Whether another attempt would still tell of the same part of the experiment. */
  readonly mayRetry: (now: number) => boolean;
}

type Judged = Pick<Check, "result" | "measures" | "text">;

function late({ late = "failure" }: AnyProbe, timeoutMs: number): Judged {
  const text = `there was no answer within ${timeoutMs / 1000} s`;
  return late === "error" ? errored(text) : failed({}, text);
}

/** The journal is no place for whole pages: what is expected stays, and every number and truth that the type names. */
function kept(judged: Judged, { expect }: ProbeSpec, probe: AnyProbe): Judged {
  const isKept = ([name, value]: [string, Measured]) =>
    expect.some(({ measure }) => measure === name) ||
    (typeof value !== "string" && Object.hasOwn(probe.measures, name));
  const measures = Object.entries(judged.measures).filter(isKept);
  const cut = (value: Measured) =>
    typeof value === "string" && value.length > MOST_TEXT ? `${value.slice(0, MOST_TEXT)}…` : value;
  return { ...judged, measures: Object.fromEntries(measures.map(([name, value]) => [name, cut(value)])) };
}

function judge({ measures, failure, missing }: ProbeAnswer, { expect, missing: policy }: ProbeSpec): Judged {
  if (failure !== undefined) return failed(measures, failure);
  const absent = expect.filter(({ measure }) => (measures[measure] ?? null) === null);
  const [single] = absent.filter((expectation) => !isSeriesExpectation(expectation));
  const complaints = expect.flatMap((expectation) => {
    const measured = measures[expectation.measure] ?? null;
    if (measured === null || isSeriesExpectation(expectation)) return [];
    const complaint = unmet(expectation, measured, isMatch);
    return complaint === null ? [] : [complaint];
  });
  if (complaints.length > 0) return failed(measures, complaints.join("; "));
  const [first] = absent;
  if (first === undefined) return { result: "passed", measures, text: null };
  const text = `${first.measure}: ${missing ?? "there is no data"}`;
  // A series is judged as a whole, and so are the gaps in it.
  if (single === undefined && expect.every(isSeriesExpectation)) return { result: "missing", measures, text };
  if (single === undefined) return { result: "passed", measures, text: null };
  return withoutData(measures, text, policy);
}

function withoutData(measures: Measures, text: string, policy: MissingPolicy): Judged {
  if (policy === "pass") return { result: "passed", measures, text };
  return { result: policy === "wait" ? "missing" : "failed", measures, text };
}

function failed(measures: Measures, text: string): Judged {
  return { result: "failed", measures, text };
}

function errored(text: string): Judged {
  return { result: "errored", measures: {}, text };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
