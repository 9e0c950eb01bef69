import { parseTarget, writeConfiguration } from "@unplug/interceptor";
import { expect, test } from "vitest";
import { knownAddresses, unblockableNames, unresolvedNames } from "./known-addresses.ts";

const targets = (...texts: string[]) =>
  texts.map((text) => {
    const parsed = parseTarget(text);
    if ("problem" in parsed) throw new Error(parsed.problem);
    return parsed.target;
  });

const never = new AbortController().signal;

test("resolves each name once, and nothing else", async () => {
  const asked: string[] = [];
  const known = await knownAddresses(
    targets(
      "db.internal:5432",
      "db.internal:6432",
      "*.example.com",
      "10.0.0.5",
      "10.0.0.0/8",
      "cache.internal",
    ),
    (name) => {
      asked.push(name);
      return Promise.resolve(name === "db.internal" ? ["10.1.0.1", "2001:db8::1", "10.1.0.1"] : ["10.2.0.1"]);
    },
    never,
  );

  expect(asked.toSorted()).toEqual(["cache.internal", "db.internal"]);
  expect(known).toEqual([
    { name: "db.internal", address: "10.1.0.1" },
    { name: "db.internal", address: "2001:db8::1" },
    { name: "cache.internal", address: "10.2.0.1" },
  ]);
});

test("leaves out what has no address, and addresses with a zone", async () => {
  const lookUp = (name: string) =>
    name === "gone.internal"
      ? Promise.reject(new Error("ENOTFOUND"))
      : Promise.resolve(["fe80::1%eth0", "10.0.0.1"]);

  expect(await knownAddresses(targets("gone.internal", "db.internal"), lookUp, never)).toEqual([
    { name: "db.internal", address: "10.0.0.1" },
  ]);
});

test("stops waiting and asking when the time is over", async () => {
  const over = new AbortController();
  const asked: string[] = [];
  const silent = Promise.withResolvers<string[]>();
  const names = Array.from({ length: 100 }, (_, index) => `h${index}.internal`);
  const looking = knownAddresses(
    targets("fast.internal", ...names),
    (name) => {
      asked.push(name);
      if (name === "fast.internal") return Promise.resolve(["10.0.0.1"]);
      if (name === "h9.internal") over.abort();
      return Number(/\d+/.exec(name)?.[0]) < 8 ? Promise.resolve([]) : silent.promise;
    },
    over.signal,
  );

  expect(await looking).toEqual([{ name: "fast.internal", address: "10.0.0.1" }]);
  const before = asked.length;
  silent.resolve(["10.0.0.2"]);
  await silent.promise;
  expect(asked.length).toBe(before);
  expect(before).toBeLessThan(20);
});

test("leaves room for what the program looks up itself", async () => {
  const addresses = Array.from({ length: 3000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);

  expect(await knownAddresses(targets("big.internal"), () => Promise.resolve(addresses), never)).toHaveLength(
    2048,
  );
});

test("leaves out what the configuration has no room for", async () => {
  const names = Array.from(
    { length: 3000 },
    (_, index) => `a-name-of-some-length-${index}.internal.example.com`,
  );
  const longest = targets(...names);
  const known = await knownAddresses(longest, () => Promise.resolve(["2001:db8::1234:5678"]), never);
  const rest = {
    timeoutMs: 3000,
    percentage: 100,
    seed: 0n,
    fromSeconds: null,
    untilSeconds: null,
    run: null,
    ifSet: null,
    unless: null,
    exempt: [],
  };
  const configuration = {
    behavior: "refuse" as const,
    targets: longest,
    known,
    tallyPath: "/tally",
    ...rest,
  };

  expect(known.length).toBeGreaterThan(100);
  expect(known.length).toBeLessThan(2048);
  expect(() => writeConfiguration(configuration, "\n")).not.toThrow();
});

test("names without a known address are found out, each once", () => {
  const named = targets("db.internal", "gone.internal:1", "gone.internal:2", "*.example.com", "10.0.0.5");

  expect(unresolvedNames(named, [{ name: "db.internal", address: "10.0.0.1" }])).toEqual(["gone.internal"]);
});

test("names that lead nowhere but to what is always let through are found out", () => {
  const known = [
    { name: "local.internal", address: "127.0.0.1" },
    { name: "local.internal", address: "::1" },
    { name: "both.internal", address: "127.0.0.1" },
    { name: "both.internal", address: "10.0.0.1" },
    { name: "meta.internal", address: "169.254.169.254" },
  ];

  expect(unblockableNames(known)).toEqual(["local.internal", "meta.internal"]);
});
