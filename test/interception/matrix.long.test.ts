import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type Behavior, behaviors, reachOf, readProgramFile } from "../../packages/interceptor/src/index.ts";
import { needsAll } from "../support/needs.ts";
import type { Client } from "./client.ts";
import { compiledClients } from "./compiled-clients.ts";
import { interpretedClients } from "./interpreted-clients.ts";
import { keyOf, notReached, type Row, readPage, renderPage } from "./page.ts";
import type { Program } from "./program.ts";
import { openStage, type Stage } from "./stage.ts";
import { type Connection, configurationOf, expectOutcomes, expectTimes, tryClient } from "./trial.ts";
import { unreachedClients } from "./unreached-clients.ts";

const page = join(import.meta.dirname, "../../docs/interceptor-matrix.md");
const clients = [...interpretedClients, ...compiledClients, ...unreachedClients];

const targets = ["db.blocked.test", "10.99.0.20", "2001:db8:99::20", "10.99.0.21:8081"];
/** What every client connects to, in one process and in this order. */
const connections: readonly Connection[] = [
  { target: "ok.test:8080", by: null, to: [] },
  { target: "db.blocked.test:8080", by: "db.blocked.test", to: ["10.99.0.2:8080"] },
  { target: "10.99.0.20:8080", by: "10.99.0.20", to: ["10.99.0.20:8080"] },
  { target: "[2001:db8:99::20]:8080", by: "2001:db8:99::20", to: ["[2001:db8:99::20]:8080"] },
  { target: "10.99.0.21:8080", by: null, to: [] },
  { target: "[2001:db8:99::21]:8080", by: null, to: [] },
  { target: "ok.test:8081", by: null, to: [] },
];

const rows = new Map<string, Row>();
let open: Stage;
/** Whatever is reached runs here when it is intercepted: the servers can say whether something came through. */
let unplugged: Stage;

beforeAll(async () => {
  [open, unplugged] = await Promise.all([openStage(), openStage()]);
});

afterAll(() => Promise.all([open.close(), unplugged.close()]));

function declare(client: Client, run: (program: Program) => Promise<void>): void {
  const { test } = needsAll("x86-64", "namespaces", "dnsmasq", ...client.needs);
  const name = `${client.name}, ${client.way}, ${client.libc}, ${client.architecture}`;
  test(name, async () => run(await client.program()), 300_000);
}

function connectionsOf(client: Client): readonly Connection[] {
  return connections.filter(({ target }) => client.six || !target.startsWith("["));
}

function note(client: Client, { version }: Program, seen: Readonly<Record<Behavior, string>>): void {
  const { name, way, libc, architecture } = client;
  rows.set(keyOf(client), { name, way, libc, architecture, version, ...seen });
}

describe.concurrent("blocks, and lets the rest through:", () => {
  for (const client of inTurns(clients.filter(({ outcomes }) => outcomes !== null))) {
    const { outcomes } = client;
    if (outcomes === null) continue;
    declare(client, async (program) => {
      const read = readProgramFile(program.file);
      expect(read).toMatchObject({ kind: "elf", libc: client.libc, architecture: client.architecture });
      expect(reachOf(read, client.architecture)).toEqual({ reached: true });

      const asked = connectionsOf(client);
      const unblocked = asked.map((one) => ({ ...one, by: null }));
      const plain = tryClient(open, [client, program], unblocked, [null, null]).then((seen) =>
        expectOutcomes(seen, unblocked, () => "connected"),
      );
      const intercepted = behaviors.map(async (behavior) => {
        const configuration = configurationOf(behavior, targets);
        const seen = await tryClient(unplugged, [client, program], asked, [behavior, configuration]);
        expectOutcomes(seen, asked, ({ by }) => (by === null ? "connected" : outcomes[behavior]));
        expectTimes(seen, asked, client, behavior);
      });
      await Promise.all([plain, ...intercepted]);
      note(client, program, outcomes);
    });
  }
});

describe.concurrent("does not reach:", () => {
  for (const client of clients) {
    if (client.outcomes !== null) continue;
    declare(client, async (program) => {
      const read = readProgramFile(program.file);
      expect(read).toMatchObject({ kind: "elf", libc: client.libc, architecture: client.architecture });
      const reach = reachOf(read, client.architecture);
      expect(reach.reached).toBe(client.looksReachable);

      const asked = connectionsOf(client);
      for (const behavior of behaviors) {
        const configuration = configurationOf(behavior, targets);
        const unblocked = asked.map((one) => ({ ...one, by: null }));
        const seen = await tryClient(open, [client, program], unblocked, [behavior, configuration]);
        expectOutcomes(seen, unblocked, () => "connected");
      }
      note(client, program, { refuse: notReached, timeout: notReached, hang: notReached });
    });
  }
});

const { test: onStage } = needsAll("x86-64", "namespaces", "dnsmasq");

onStage("lets nothing through to a server that is blocked", async () => {
  const asked = connections.flatMap(({ to }) => to);
  const [reached, unreached] = [await open.accepted(), await unplugged.accepted()];

  expect(asked.filter((to) => (reached[to] ?? 0) === 0)).toEqual([]);
  expect(asked.filter((to) => (unreached[to] ?? 0) > 0)).toEqual([]);
});

onStage("is what docs/interceptor-matrix.md says", () => {
  const text = existsSync(page) ? readFileSync(page, "utf8") : "";
  const isWriting = process.env["UNPLUG_WRITE_MATRIX"] === "1";
  const committed = readPage(text);
  const now = clients.flatMap((client) => {
    const [seen, before] = [rows.get(keyOf(client)), committed.get(keyOf(client))];
    if (seen === undefined || isWriting) return seen ?? before ?? [];
    return { ...seen, version: before?.version ?? seen.version };
  });
  if (isWriting) writeFileSync(page, renderPage(now));
  else expect(text, "to write the page anew: UNPLUG_WRITE_MATRIX=1").toBe(renderPage(now));
});

/** Those that work hard between those that only wait: few tests of a file run at a time. */
function inTurns(all: readonly Client[]): readonly Client[] {
  const hard = all.filter(({ isSlow }) => isSlow);
  const easy = all.filter(({ isSlow }) => !isSlow);
  const step = Math.ceil(easy.length / Math.max(1, hard.length));
  return hard.flatMap((client, i) => [client, ...easy.slice(i * step, (i + 1) * step)]);
}
