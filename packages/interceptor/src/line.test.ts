import { expect, test } from "vitest";
import { fc } from "../../../test/support/fast-check.ts";
import { behaviors } from "./configuration.ts";
import { type InterceptorLine, readLine } from "./line.ts";

const armed = {
  kind: "armed",
  pid: 12,
  run: "r-1",
  behavior: "refuse",
  targets: 2,
  untilSeconds: 1_790_000_000,
} as const;

test.each<[line: string, InterceptorLine]>([
  ["unplug: armed pid=12 run=r-1 behavior=refuse targets=2 until=1790000000", armed],
  ["unplug: armed pid=12 run=r-1 behavior=refuse targets=2", { ...armed, untilSeconds: null }],
  ["unplug: armed pid=12 behavior=refuse targets=2 until=1790000000", { ...armed, run: null }],
  [
    "unplug: armed pid=1 behavior=hang targets=0",
    { kind: "armed", pid: 1, run: null, behavior: "hang", targets: 0, untilSeconds: null },
  ],
  [
    "unplug: blocked pid=12 n=1 behavior=refuse to=10.0.0.5:5432 target=db.internal:5432",
    {
      kind: "blocked",
      pid: 12,
      n: 1,
      behavior: "refuse",
      address: "10.0.0.5",
      port: 5432,
      target: "db.internal:5432",
    },
  ],
  [
    "unplug: blocked pid=12 n=2 behavior=timeout to=[2001:db8::1]:443 target=*.example.com",
    {
      kind: "blocked",
      pid: 12,
      n: 2,
      behavior: "timeout",
      address: "2001:db8::1",
      port: 443,
      target: "*.example.com",
    },
  ],
  [
    "unplug: inert pid=12 reason=entry 3 of UNPLUG_INTERCEPTOR: unknown key 'behaviour'",
    { kind: "inert", pid: 12, reason: "entry 3 of UNPLUG_INTERCEPTOR: unknown key 'behaviour'" },
  ],
  [
    "unplug: warning pid=12 reason=the table of learned addresses is full (4096); later ones are not blocked by name",
    {
      kind: "warning",
      pid: 12,
      reason: "the table of learned addresses is full (4096); later ones are not blocked by name",
    },
  ],
])("reads %s", (line, expected) => {
  expect(readLine(line)).toEqual(expected);
});

test.each([
  "2026-11-22T00:25:01.123Z ",
  "2026-11-22T00:25:01.123Z\t5c2f\tINFO\t",
  "app-1  | ",
  "\u001b[31mhalf a line",
  "unplug: ",
  "unplug: armed pid=1 ",
])("reads a line behind %j, and with an end of line", (prefix) => {
  const line = "unplug: armed pid=12 run=r-1 behavior=refuse targets=2 until=1790000000";

  expect(readLine(`${prefix}${line}\r\n`)).toEqual(armed);
});

test.each([
  "",
  "unplug:",
  "unplug: blocked",
  "unplug: restored pid=1 reason=x",
  "unplug:armed pid=1 behavior=hang targets=0",
  "unplug: armed pid=1 behavior=explode targets=0",
  "unplug: armed pid=1 behavior=hang targets=0 until=",
  "unplug: armed pid=1 behavior=hang targets=0 more=1",
  "unplug: armed behavior=hang pid=1 targets=0",
  "unplug: armed pid=x behavior=hang targets=0",
  "unplug: armed pid=99999999999999999 behavior=hang targets=0",
  `unplug: armed pid=1 run=${"r".repeat(65)} behavior=hang targets=0`,
  "unplug: blocked pid=1 n=1 behavior=hang to=10.0.0.256:80 target=*",
  "unplug: blocked pid=1 n=1 behavior=hang to=10.0.0.5:65536 target=*",
  "unplug: blocked pid=1 n=1 behavior=hang to=2001:db8::1:80 target=*",
  "unplug: blocked pid=1 n=1 behavior=hang to=[10.0.0.5]:80 target=*",
  "unplug: blocked pid=1 n=1 behavior=hang to=[:::]:80 target=*",
  "unplug: blocked pid=1 n=1 behavior=hang to=10.0.0.5:80 target=",
  "unplug: blocked pid=1 n=1 behavior=hang to=10.0.0.5:80 target=a b",
  "unplug: inert pid=1 reason=",
  "unplug: inert pid=99999999999999999 reason=x",
  "unplug: inert pid=1 reason= ",
])("takes %j for no line of the interceptor", (line) => {
  expect(readLine(line)).toBeNull();
});

const count = fc.nat();
const pid = count;
const behavior = fc.constantFrom(...behaviors);
const word = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);
const target = fc.oneof(
  fc.constant("*"),
  fc.domain(),
  fc.ipV4(),
  fc.domain().map((name) => `*.${name}:443`),
);
const line: fc.Arbitrary<InterceptorLine> = fc.oneof(
  fc.record({
    kind: fc.constant("armed" as const),
    pid,
    run: fc.option(word),
    behavior,
    targets: count,
    untilSeconds: fc.option(count),
  }),
  fc.record({
    kind: fc.constant("blocked" as const),
    pid,
    n: count,
    behavior,
    address: fc.oneof(fc.ipV4(), fc.ipV6()),
    port: fc.nat(65_535),
    target,
  }),
  fc.record({
    kind: fc.constantFrom("inert" as const, "warning" as const),
    pid,
    reason: fc.stringMatching(/^[!-~]([ -~]*[!-~])?$/),
  }),
);

/** As the README says that lines are written. */
function written(said: InterceptorLine): string {
  const head = `unplug: ${said.kind} pid=${said.pid}`;
  switch (said.kind) {
    case "armed": {
      const run = said.run === null ? "" : ` run=${said.run}`;
      const until = said.untilSeconds === null ? "" : ` until=${said.untilSeconds}`;
      return `${head}${run} behavior=${said.behavior} targets=${said.targets}${until}`;
    }
    case "blocked": {
      const address = said.address.includes(":") ? `[${said.address}]` : said.address;
      return `${head} n=${said.n} behavior=${said.behavior} to=${address}:${said.port} target=${said.target}`;
    }
    case "inert":
    case "warning":
      return `${head} reason=${said.reason}`;
  }
}

test("every line reads as what it was written from, behind any prefix that is none itself", () => {
  fc.assert(
    fc.property(line, fc.string(), (said, prefix) => {
      expect(readLine(`${prefix}${written(said)}\n`)).toEqual(said);
    }),
  );
});

test("a long line that keeps beginning anew is read at once", () => {
  const started = process.cpuUsage();

  expect(
    readLine("unplug: blocked pid=1 n=1 behavior=hang to=1.1.1.1:1 target=x ".repeat(20_000)),
  ).not.toBeNull();
  expect(readLine("unplug: armed pid=1 ".repeat(50_000))).toBeNull();
  const { user, system } = process.cpuUsage(started);
  // In microseconds.
  expect(user + system).toBeLessThan(5_000_000);
});
