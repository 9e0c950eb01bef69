import { expect, test } from "vitest";
import { type ExecFlags, readExecFlags } from "./exec-options.ts";

const read = (flags: Partial<ExecFlags>) => readExecFlags({ block: [], ...flags });

test("refuses at once and for ever when nothing else is said", async () => {
  expect(await read({})).toEqual({
    targets: [],
    behavior: "refuse",
    timeoutMs: 3000,
    percentage: 100,
    seed: null,
    afterMs: 0,
    forMs: null,
    quiet: false,
  });
});

test("reads what is said", async () => {
  const flags = { behavior: "timeout", timeoutMs: "1500", percentage: "0", seed: "18446744073709551615" };

  expect(await read({ ...flags, block: ["db.internal"], quiet: true })).toMatchObject({
    targets: [{ text: "db.internal" }],
    behavior: "timeout",
    timeoutMs: 1500,
    percentage: 0,
    seed: 2n ** 64n - 1n,
    quiet: true,
  });
});

test.each([
  ["90", 90_000],
  ["90s", 90_000],
  ["5m", 300_000],
  ["1h", 3_600_000],
])("reads --for %s, and --after likewise", async (text, forMs) => {
  expect(await read({ for: text, after: text })).toMatchObject({ forMs, afterMs: forMs });
});

test.each<[Partial<ExecFlags>, string]>([
  [{ behavior: "refused" }, "--behavior refused: expected refuse, timeout, hang."],
  [
    { behavior: "timeout", timeoutMs: "999" },
    "--timeout-ms 999: expected a whole number from 1000 to 3600000.",
  ],
  [
    { behavior: "timeout", timeoutMs: "2s" },
    "--timeout-ms 2s: expected a whole number from 1000 to 3600000.",
  ],
  [{ timeoutMs: "2000" }, "--timeout-ms 2000: expected only with --behavior timeout"],
  [{ percentage: "101" }, "--percentage 101: expected a whole number from 0 to 100."],
  [{ percentage: "50%" }, "--percentage 50%: expected a whole number from 0 to 100."],
  [{ percentage: "" }, "--percentage : expected a whole number from 0 to 100."],
  [{ seed: "-1" }, "--seed -1: expected a whole number from 0 to 18446744073709551615."],
  [{ seed: "18446744073709551616" }, "--seed 18446744073709551616: expected"],
  [{ for: "soon" }, "--for soon: expected a time from 1 s to a week, like 90, 90s or 5m."],
  [{ for: "0" }, "--for 0: expected a time from 1 s to a week"],
  [{ after: "soon" }, "--after soon: expected a time from 1 s to a week, like 90, 90s or 5m."],
  [{ for: "200h" }, "--for 200h: expected a time from 1 s to a week"],
  [{ block: ["a b"] }, "--block a b: "],
])("refuses %j", async (flags, said) => {
  await expect(read(flags)).rejects.toMatchObject({
    name: "UsageError",
    message: expect.stringContaining(said),
  });
});
