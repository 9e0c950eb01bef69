import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Configuration, parseTarget } from "@unplug/interceptor";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openInterception } from "./interception.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unplug-interception-"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const bytes = Buffer.from("object");

function configuration(count: number): Omit<Configuration, "tallyPath"> {
  const targets = Array.from({ length: count }, (_, index) => {
    const parsed = parseTarget(`a-rather-long-name-of-a-host-${index}.internal.example.com`);
    if ("problem" in parsed) throw new Error(parsed.problem);
    return parsed.target;
  });
  const rest = {
    timeoutMs: 3000,
    percentage: 100,
    seed: 0n,
    fromSeconds: null,
    untilSeconds: null,
    run: null,
    ifSet: null,
    unless: null,
    known: [],
    exempt: [],
  };
  return { behavior: "refuse", targets, ...rest };
}

test("loads the object from where it lies and hands over the configuration in a variable", () => {
  const path = join(folder, "x86_64.so");
  const env = {
    HOME: "/home/me",
    LD_PRELOAD: "/opt/scope.so",
    UNPLUG_INTERCEPTOR: "of an exec around this one",
  };
  using interception = openInterception({ path, bytes }, configuration(300), env);

  expect(interception.env).toMatchObject({ HOME: "/home/me", LD_PRELOAD: `${path}:/opt/scope.so` });
  const text = interception.env["UNPLUG_INTERCEPTOR"] ?? "";
  expect(text).toContain(";targets=300;target=a-rather-long-name-of-a-host-0.");
  expect(Buffer.byteLength(text)).toBeLessThan(100_000);
});

test("a configuration too long for a variable lies beside a copy of the object", () => {
  const env = { UNPLUG_INTERCEPTOR: "of an exec around this one" };
  using interception = openInterception({ path: join(folder, "x86_64.so"), bytes }, configuration(4000), env);
  const copy = interception.env["LD_PRELOAD"] ?? "";

  expect(interception.env["UNPLUG_INTERCEPTOR"]).toBeUndefined();
  expect(readFileSync(copy)).toEqual(bytes);
  expect(readFileSync(copy.replace(/\.so$/, ".conf"), "utf8")).toContain(
    "\ntargets=4000\ntarget=a-rather-long",
  );
});

test("copies an object whose path LD_PRELOAD cannot name", () => {
  using interception = openInterception(
    { path: join(folder, "my things/x86_64.so"), bytes },
    configuration(1),
    {},
  );
  const copy = interception.env["LD_PRELOAD"] ?? "";

  expect(copy).not.toContain(" ");
  expect(readFileSync(copy)).toEqual(bytes);
  expect(existsSync(copy.replace(/\.so$/, ".conf"))).toBe(false);
  expect(interception.env["UNPLUG_INTERCEPTOR"]).toContain("targets=1;");
});

test("has a tally at nothing, and nothing is left of it in the end", () => {
  const interception = openInterception({ path: "/x86_64.so", bytes }, configuration(2), {});
  const path = /tally=([^;]+)/.exec(interception.env["UNPLUG_INTERCEPTOR"] ?? "")?.[1] ?? "";

  expect(interception.tally()).toEqual({
    armed: 0,
    blocked: 0,
    spared: 0,
    other: 0,
    inert: 0,
    byTarget: [0, 0],
  });
  writeFileSync(path, "damaged");
  expect(interception.tally()).toBeNull();
  interception[Symbol.dispose]();
  expect(existsSync(dirname(path))).toBe(false);
});

test("leaves nothing behind when the configuration cannot be written", () => {
  vi.stubEnv("TMPDIR", folder);
  const wrong = { ...configuration(1), run: "no run's name" };

  expect(() => openInterception({ path: "/x86_64.so", bytes }, wrong, {})).toThrow("cannot hold run");
  expect(readdirSync(folder)).toEqual([]);
});
