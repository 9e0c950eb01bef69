import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { architectures } from "../../packages/interceptor/src/architecture.ts";
import { goHookFor } from "../../packages/interceptor/src/go-hook.ts";
import { manyAddresses } from "../interception/network.ts";
import { openStage, type Stage } from "../interception/stage.ts";
import { builtGo } from "../support/built-go.ts";
import { needs } from "../support/needs.ts";
import { onGoStage, patchedOn, runnable, told } from "./go-steps.ts";
import { blockedIn, blocking, linesIn } from "./steps.ts";

const clients = join(import.meta.dirname, "../interception/clients");
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

describe.each(architectures)("a Go program with the hook in it, on %s,", (architecture) => {
  const needing = onGoStage(architecture, "go");

  async function dial(configuration: string | null, targets: readonly string[], limitMs = 10_000) {
    const go = needs("go").path ?? "";
    const env = { GOARCH: architecture === "arm64" ? "arm64" : "amd64" };
    const built = await builtGo({ go, source: join(clients, "go.go"), env });
    const command =
      configuration === null
        ? runnable(stage, built, architecture)
        : patchedOn(stage, built, { name: `dial-${architecture}`, hook: goHookFor(architecture) });
    const args = ["net", ...targets.flatMap((target) => [target, String(limitMs)])];
    const ended = await stage.run({ command, args, env: told(configuration ?? "") }, 60_000);
    if (ended.code !== 0) throw new Error(JSON.stringify(ended));
    const outcomes = ended.stdout
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line))
      .map((said) => (said instanceof Object && "outcome" in said ? String(said.outcome) : ""));
    return { outcomes: outcomes.map(shortened), lines: linesIn(ended.stderr) };
  }

  needing.test(
    "does not reach what it looks up, however the name is meant",
    async () => {
      const targets = [
        "db.blocked.test",
        "*.wild.test",
        "middle.test",
        "db6.blocked.test",
        "port.blocked.test:8081",
      ];
      const blocked = [
        "db.blocked.test:8080",
        "a.wild.test:8080",
        "a.b.wild.test:8080",
        "start.test:8080",
        "db6.blocked.test:8080",
        "port.blocked.test:8081",
      ];
      const passing = [
        "ok.test:8080",
        "ok6.test:8080",
        "wild.test:8080",
        "port.blocked.test:8080",
        "127.0.0.1:8080",
      ];
      const plain = await dial(null, [...blocked, ...passing]);
      const patched = await dial(blocking(targets), [...blocked, ...passing]);

      expect(plain.outcomes).toEqual([...blocked, ...passing].map(() => "connected"));
      expect(patched.outcomes).toEqual([
        ...blocked.map(() => "connection refused"),
        ...passing.map(() => "connected"),
      ]);
      expect(blockedIn(patched.lines)).toHaveLength(blocked.length);
    },
    120_000,
  );

  needing.test(
    "learns from an answer that was cut short and asked for again over TCP",
    async () => {
      const addresses = manyAddresses.map((address) => `${address}:8080`);
      const plain = await dial(null, addresses);
      const patched = await dial(blocking(["many.blocked.test"]), ["many.blocked.test:8080", ...addresses]);

      expect(new Set(plain.outcomes)).toEqual(new Set(["network is unreachable"]));
      expect(new Set(patched.outcomes)).toEqual(new Set(["connection refused"]));
    },
    120_000,
  );

  needing.test(
    "times out and hangs as Go says it, and finds names when everything is blocked",
    async () => {
      const late = await dial(blocking([], "behavior=timeout", "timeout-ms=1000"), ["db.blocked.test:8080"]);
      const hanging = await dial(blocking([], "behavior=hang"), ["db.blocked.test:8080"], 700);

      expect(late.outcomes).toEqual(["connection timed out"]);
      expect(hanging.outcomes).toEqual(["i/o timeout"]);
    },
    120_000,
  );
});

/** Of "dial tcp 10.0.0.1:80: connect: connection refused", the last part. */
function shortened(outcome: string): string {
  return outcome.slice(outcome.lastIndexOf(": ") + 1).trim();
}
