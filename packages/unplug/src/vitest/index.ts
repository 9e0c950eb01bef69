/**
 * Matchers for vitest, so that a test of resilience is an ordinary test: `expect.extend(unplugMatchers)`.
 *
 * @module
 */
// Without it there would be nothing to add matchers to.
import type {} from "vitest";
import type { RunResult } from "../library/run.ts";

interface Answered {
  readonly pass: boolean;
  readonly message: () => string;
}

/** Matchers over what `run` resolved to. */
export const unplugMatchers = {
  /** Its verdict is `passed`. */
  toHavePassed(result: RunResult): Answered {
    return {
      pass: result.verdict === "passed",
      message: () =>
        `expected the run ${named(result)} to have ${result.verdict === "passed" ? "not " : ""}passed\n${result.summary}`,
    };
  },

  /** Everything of ours is proved out, and nothing else changed meanwhile. */
  toBeRestored(result: RunResult): Answered {
    const pass = result.restore === "proved" || result.restore === "not-needed";
    return {
      pass,
      message: () =>
        `expected the run ${named(result)} to be restored, it is ${result.restore}\n${result.line}`,
    };
  },

  /** The effect of every fault was seen in the data plane. */
  toHaveTakenEffect(result: RunResult): Answered {
    const pass = result.injection === "confirmed" && result.grounds === "effect";
    const is = `injection ${result.injection}, on grounds of ${result.grounds}`;
    return {
      pass,
      message: () => `expected the run ${named(result)} to have taken effect: ${is}\n${result.line}`,
    };
  },

  /** 0 to 100. */
  toHaveResilienceScoreOf(result: RunResult, atLeast: number): Answered {
    const score = result.resilienceScore;
    return {
      pass: score !== null && score >= atLeast,
      message: () =>
        `expected a resilience score of at least ${atLeast}, got ${score ?? "none"}\n${result.summary}`,
    };
  },

  /** A question that the run answered, like `time-to-failure`, with numbers of which each is the same, or passes. */
  toAnswer(
    result: RunResult,
    about: string,
    numbers: Readonly<Record<string, number | string | boolean | ((value: unknown) => boolean)>> = {},
  ): Answered {
    const found = result.findings.filter((finding) => finding.numbers["about"] === about);
    const fits = found.filter(
      (finding) =>
        finding.answered &&
        Object.entries(numbers).every(([name, wanted]) => {
          const value = finding.numbers[name];
          return typeof wanted === "function" ? wanted(value) : value === wanted;
        }),
    );
    const said = found.map(({ text, numbers: all }) => `${text}\n${JSON.stringify(all)}`).join("\n");
    return {
      pass: fits.length > 0,
      message: () =>
        `expected an answer about ${about} with ${JSON.stringify(numbers, shown)}, got\n${said || "none"}`,
    };
  },
};

function named({ runId, experiment }: RunResult): string {
  return `${runId} of ${experiment ?? "an experiment"}`;
}

function shown(_: string, value: unknown): unknown {
  return typeof value === "function" ? String(value) : value;
}

interface UnplugMatchers<R> {
  toHavePassed(): R;
  toBeRestored(): R;
  toHaveTakenEffect(): R;
  toHaveResilienceScoreOf(atLeast: number): R;
  toAnswer(
    about: string,
    numbers?: Readonly<Record<string, number | string | boolean | ((value: unknown) => boolean)>>,
  ): R;
}

declare module "vitest" {
  // As vitest 5 declares it.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown>
    extends UnplugMatchers<R> {}
}
