import { expect, test } from "vitest";
import { fc } from "../../../test/support/fast-check.ts";
import { behaviors, type Configuration, writeConfiguration } from "./configuration.ts";
import { anyConfiguration, targetsOf } from "./configuration-for-test.ts";

const plain: Configuration = {
  behavior: "refuse",
  timeoutMs: 3000,
  percentage: 100,
  seed: 7n,
  fromSeconds: null,
  untilSeconds: null,
  run: null,
  ifSet: null,
  unless: null,
  tallyPath: null,
  targets: [],
  known: [],
  exempt: [],
};

test("leaves out what is not set", () => {
  expect(writeConfiguration(plain, ";")).toBe("unplug=1;behavior=refuse;targets=0");
});

test("writes everything that is set, the version first", () => {
  const full: Configuration = {
    behavior: "timeout",
    timeoutMs: 2000,
    percentage: 30,
    seed: 2n ** 64n - 1n,
    fromSeconds: 1_780_000_000,
    untilSeconds: 1_790_000_000,
    run: "r-1",
    ifSet: "LAMBDA_TASK_ROOT",
    unless: { name: "AWS_LAMBDA_FUNCTION_VERSION", value: "$LATEST" },
    tallyPath: "/tmp/a b/tally",
    targets: targetsOf("DB.internal.:5432", "*.example.com", "[2001:DB8::1]:443", "10.1.2.3/8"),
    known: [
      { name: "DB.internal.", address: "::ffff:10.0.0.5" },
      { name: "db.internal", address: "2001:DB8:0::5" },
    ],
    exempt: ["10.0.0.7:9001", "2001:DB8::/32"],
  };

  expect(writeConfiguration(full, "\n").split("\n")).toEqual([
    "unplug=1",
    "behavior=timeout",
    "timeout-ms=2000",
    "percentage=30",
    "seed=18446744073709551615",
    "from=1780000000",
    "until=1790000000",
    "run=r-1",
    "if-set=LAMBDA_TASK_ROOT",
    "unless=AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
    "tally=/tmp/a b/tally",
    "targets=4",
    "target=db.internal:5432",
    "target=*.example.com",
    "target=[2001:db8::1]:443",
    "target=10.0.0.0/8",
    "known=db.internal 10.0.0.5",
    "known=db.internal 2001:db8::5",
    "exempt=10.0.0.7:9001",
    "exempt=2001:db8::/32",
  ]);
});

const tally = "tallyPath .*absolute path";
test.each<[what: string, part: Partial<Configuration>, message: string]>([
  [
    "a short timeout",
    { behavior: "timeout", timeoutMs: 999 },
    "timeoutMs 999: expected a whole number of 1000 to",
  ],
  ["a long timeout", { timeoutMs: 3_600_001 }, "timeoutMs"],
  ["half a millisecond", { timeoutMs: 1000.5 }, "timeoutMs"],
  ["too high a percentage", { percentage: 101 }, "percentage 101: expected a whole number of 0 to 100"],
  ["a percentage that is no number", { percentage: Number.NaN }, "percentage"],
  ["a negative seed", { seed: -1n }, "seed -1"],
  ["a seed of 65 bits", { seed: 2n ** 64n }, "seed"],
  ["a start in milliseconds", { fromSeconds: 1.79e12 }, "fromSeconds"],
  ["a start at the end", { fromSeconds: 1_790_000_000, untilSeconds: 1_790_000_000 }, "fromSeconds"],
  ["an end before time began", { untilSeconds: 0 }, "untilSeconds"],
  ["an end in milliseconds", { untilSeconds: 1.79e12 }, "untilSeconds"],
  ["an end after the last that the object reads", { untilSeconds: 2 ** 32 }, "untilSeconds"],
  ["an empty run", { run: "" }, "run"],
  ["a run with a separator", { run: "a;target=b" }, "run"],
  ["a long run", { run: "r".repeat(65) }, "run"],
  ["an empty variable", { ifSet: "" }, "ifSet"],
  ["a variable with a separator", { ifSet: "a;target=b" }, "ifSet"],
  ["a variable without a value", { unless: { name: "A", value: "" } }, "unless"],
  ["a value with a separator", { unless: { name: "A", value: "a;target=b" } }, "unless"],
  ["a relative path", { tallyPath: "tally" }, tally],
  ["the root as a path", { tallyPath: "/" }, tally],
  ["a path with a semicolon", { tallyPath: "/tmp/a;b" }, tally],
  ["a path with a newline", { tallyPath: "/tmp/a\nb" }, tally],
  ["a path with a zero", { tallyPath: "/tmp/a\0b" }, tally],
  ["a path that ends in a space", { tallyPath: "/tmp/a " }, tally],
  ["a path that is no Unicode", { tallyPath: "/tmp/\ud800" }, tally],
  ["a long path", { tallyPath: `/${"é".repeat(2048)}` }, tally],
  ["too many targets", { targets: targetsOf("a").flatMap((one) => Array(4097).fill(one)) }, "targets 4097"],
  [
    "a target that was put together by hand",
    { targets: [{ kind: "name", text: "a;run=b", host: "a", port: null }] },
    'target "a;run=b"',
  ],
  [
    "a target in another spelling",
    { targets: [{ kind: "name", text: "DB.internal", host: "db.internal", port: null }] },
    "expected its canonical text, db.internal",
  ],
  ["a known name that is none", { known: [{ name: "*.a", address: "10.0.0.1" }] }, "known address"],
  ["a known name with a port", { known: [{ name: "a:80", address: "10.0.0.1" }] }, "known address"],
  ["a known address that is none", { known: [{ name: "a", address: "10.0.0.0/8" }] }, "known address"],
  ["a known address with a zone", { known: [{ name: "a", address: "fe80::1%lo" }] }, "known address"],
  ["an exempt name", { exempt: ["a.b"] }, "exempt"],
  ["too many exemptions", { exempt: Array(65).fill("10.0.0.1") }, "exempt 65"],
])("refuses %s", (_, part, message) => {
  expect(() => writeConfiguration({ ...plain, ...part }, ";")).toThrow(new RegExp(message));
});

test("refuses a behavior that it does not know", () => {
  const unknown: Configuration = Object.assign({}, plain, { behavior: "explode" });

  expect(() => writeConfiguration(unknown, ";")).toThrow("behavior explode: expected refuse, timeout, hang");
});

test("holds 4096 targets, and refuses a text that is much too long", () => {
  const name = (index: number, length: number) => `${"n".repeat(length)}${index}.example`;
  const many = (length: number) =>
    targetsOf(...Array.from({ length: 4096 }, (_, index) => name(index, length)));

  expect(writeConfiguration({ ...plain, targets: many(1) }, "\n").split("\n")).toHaveLength(3 + 4096);
  expect(() => writeConfiguration({ ...plain, targets: many(59) }, "\n")).toThrow(
    /bytes: expected less than 262144/,
  );
});

test("holds 262143 bytes, which the object reads, and refuses one more", () => {
  const name = "n".repeat(59);
  const rest = { ...plain, run: "r", targets: targetsOf(...Array(3680).fill(`${name}.com`)) };
  const bytesWith = (path: number) =>
    writeConfiguration({ ...rest, tallyPath: `/${"x".repeat(path)}` }, ";").length;
  const fitting = 262_143 - bytesWith(1) + 1;

  expect(bytesWith(fitting)).toBe(262_143);
  expect(() => bytesWith(fitting + 1)).toThrow("the whole text 262144 bytes: expected less than 262144");
});

/** Reads a configuration as the README says that it is read. */
function read(text: string): Configuration {
  const entries = text
    .split(/[\n;]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "" && !entry.startsWith("#"))
    .map((entry) => ({ key: entry.split("=", 1)[0], value: entry.slice(entry.indexOf("=") + 1) }));
  const all = (key: string) => entries.filter((entry) => entry.key === key).map(({ value }) => value);
  const one = (key: string) => all(key)[0] ?? null;
  const found = targetsOf(...all("target"));
  const [from, until] = [one("from"), one("until")];
  const [name = "", value = ""] = one("unless")?.split(/=(.*)/) ?? [];
  expect(entries[0]).toEqual({ key: "unplug", value: "1" });
  expect(found).toHaveLength(Number(one("targets")));
  return {
    behavior: behaviors.find((behavior) => behavior === one("behavior")) ?? "refuse",
    timeoutMs: Number(one("timeout-ms") ?? 3000),
    percentage: Number(one("percentage") ?? 100),
    seed: BigInt(one("seed") ?? 0),
    fromSeconds: from === null ? null : Number(from),
    untilSeconds: until === null ? null : Number(until),
    run: one("run"),
    ifSet: one("if-set"),
    unless: name === "" ? null : { name, value },
    tallyPath: one("tally"),
    targets: found,
    known: all("known").map((value) => ({
      name: value.split(" ")[0] ?? "",
      address: value.split(" ")[1] ?? "",
    })),
    exempt: all("exempt"),
  };
}

test("every configuration reads back as it was written, but for what means nothing", () => {
  fc.assert(
    fc.property(anyConfiguration, fc.constantFrom("\n" as const, ";" as const), (given, separator) => {
      expect(read(writeConfiguration(given, separator))).toEqual({
        ...given,
        timeoutMs: given.behavior === "timeout" ? given.timeoutMs : 3000,
        seed: given.percentage === 100 ? 0n : given.seed,
      });
    }),
  );
});
