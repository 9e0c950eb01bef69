import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Behavior } from "../../packages/interceptor/src/index.ts";
import type { Client } from "./client.ts";
import { commandOf, type Program } from "./program.ts";
import type { Ended, Stage } from "./stage.ts";

/** A connection that a client is told to make. */
export interface Connection {
  /** Host and port as the client gets them. */
  readonly target: string;
  /** The target of the configuration that blocks it; null: it connects. */
  readonly by: string | null;
  /** What the interceptor may say that it was blocked on the way to: one of them at least. */
  readonly to: readonly string[];
}

/** What a client says of one connection. */
export interface Attempt {
  readonly target: string;
  /** "connected", or the error as the program saw it. */
  readonly outcome: string;
  readonly ms: number;
  /** Of an event loop, meanwhile: how often a timer of 5 ms came, and how late it was at worst. */
  readonly ticks?: number;
  readonly maxLoopLagMs?: number;
}

/** What came of a client's connections. */
export interface Seen {
  readonly attempts: readonly Attempt[];
  /** What the interceptor said that it has blocked, each once, in the order they came. */
  readonly blocked: readonly { readonly to: string; readonly by: string }[];
  readonly stderr: string;
}

/** How long a blocked connection takes to fail, by `timeout` and by the client's own limit for `hang`. */
const waitMs = 1500;
const prebuilt = join(import.meta.dirname, "../../packages/interceptor/prebuilt");

/** The value of UNPLUG_INTERCEPTOR, in the format that the interceptor's README documents. */
export function configurationOf(
  behavior: Behavior,
  targets: readonly string[],
  more: readonly string[] = [],
): string {
  return [
    "unplug=1",
    `behavior=${behavior}`,
    ...(behavior === "timeout" ? [`timeout-ms=${waitMs}`] : []),
    `targets=${targets.length}`,
    ...targets.map((target) => `target=${target}`),
    ...more,
  ].join(";");
}

/**
 * Lets a client connect. With `hang` it has a limit of its own, which a connection that is let through does not come near;
 * otherwise none. `configuration` null: without the interceptor. Throws, with all that it said, when it does not end well.
 */
export async function tryClient(
  stage: Stage,
  [client, program]: readonly [Client, Program],
  connections: readonly Connection[],
  [behavior, configuration]: readonly [Behavior, string] | readonly [null, null],
): Promise<Seen> {
  const limit = ({ by }: Connection) => (behavior !== "hang" ? "0" : by === null ? "20000" : `${waitMs}`);
  const args = [client.how, ...connections.flatMap((one) => [one.target, limit(one)])];
  const object = join(stage.folder, `${client.architecture}.so`);
  // A copy: whoever builds the objects anew meanwhile would pull them from under the programs.
  if (!existsSync(object)) copyFileSync(join(prebuilt, `${client.architecture}.so`), object);
  const by = configuration === null ? null : { object, configuration };
  const ended = await stage.run(commandOf(program, args, by), 240_000);
  return { attempts: attemptsIn(ended), blocked: blockedIn(ended.stderr, behavior), stderr: ended.stderr };
}

function attemptsIn(ended: Ended): readonly Attempt[] {
  if (ended.code !== 0 || ended.late)
    throw new Error(`The client did not end well: ${JSON.stringify(ended)}`);
  const lines = ended.stdout.trim().split("\n");
  return lines.map((line): Attempt => JSON.parse(line));
}

function blockedIn(stderr: string, behavior: Behavior | null): Seen["blocked"] {
  const line = /^unplug: blocked pid=\d+ n=\d+ behavior=(\w+) to=(\S+) target=(\S+)$/gm;
  const all = [...stderr.matchAll(line)].map(([, how, to = "", by = ""]) => ({ how, to: asUsual(to), by }));
  expect(all.filter(({ how }) => how !== behavior)).toEqual([]);
  return [...new Map(all.map(({ to, by }) => [`${to} ${by}`, { to, by }])).values()];
}

/** An IPv6 address has many spellings. */
function asUsual(to: string): string {
  return new URL(`tcp://${to}`).host;
}

/** Every connection came to what `outcome` says, and what the interceptor said of it fits. */
export function expectOutcomes(
  { attempts, blocked, stderr }: Seen,
  connections: readonly Connection[],
  outcome: (connection: Connection) => string,
): void {
  const expected = connections.map((one) => [one.target, outcome(one)]);
  expect(
    attempts.map((one) => [one.target, one.outcome]),
    stderr,
  ).toEqual(expected);
  const unsaid = connections.filter((one) => one.by !== null && !blocked.some((line) => isOf(line, one)));
  expect(unsaid, stderr).toEqual([]);
  const unasked = blocked.filter((line) => !connections.some((one) => isOf(line, one)));
  expect(unasked, stderr).toEqual([]);
}

function isOf(line: Seen["blocked"][number], { to, by }: Connection): boolean {
  return line.by === by && to.includes(line.to);
}

/** Nothing that is blocked fails before its time, nor much later; an event loop went on meanwhile. */
export function expectTimes(
  { attempts }: Seen,
  connections: readonly Connection[],
  client: Client,
  behavior: Behavior,
): void {
  for (const [i, one] of attempts.entries()) {
    if (connections[i]?.by === null) continue;
    const waits = behavior !== "refuse";
    const said = `${behavior}: ${JSON.stringify(one)}`;
    expect(one.ms, said).toBeGreaterThanOrEqual(waits ? waitMs - 100 : 0);
    // Some try several times; and the machine may have much else to do.
    expect(one.ms, said).toBeLessThan(waits ? 25_000 : 10_000);
    if (!client.loop || !waits) continue;
    // Nearly 300 ticks and a few milliseconds where nothing else runs; a loop that stands still has no tick, and how late one is
    // says more about the machine.
    expect(one.ticks, said).toBeGreaterThan(20);
  }
}
