import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
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
  using interception = openInterception(
    { interceptor: { path, bytes }, configuration: configuration(300), go: null },
    env,
  );

  expect(interception.env).toMatchObject({ HOME: "/home/me", LD_PRELOAD: `${path}:/opt/scope.so` });
  const text = interception.env["UNPLUG_INTERCEPTOR"] ?? "";
  expect(text).toContain(";targets=300;target=a-rather-long-name-of-a-host-0.");
  expect(Buffer.byteLength(text)).toBeLessThan(100_000);
});

test("a configuration too long for a variable lies beside a copy of the object", () => {
  const env = { UNPLUG_INTERCEPTOR: "of an exec around this one" };
  using interception = openInterception(
    { interceptor: { path: join(folder, "x86_64.so"), bytes }, configuration: configuration(4000), go: null },
    env,
  );
  const copy = interception.env["LD_PRELOAD"] ?? "";

  expect(interception.env["UNPLUG_INTERCEPTOR"]).toBeUndefined();
  expect(readFileSync(copy)).toEqual(bytes);
  expect(readFileSync(copy.replace(/\.so$/, ".conf"), "utf8")).toContain(
    "\ntargets=4000\ntarget=a-rather-long",
  );
});

test("copies an object whose path LD_PRELOAD cannot name", () => {
  using interception = openInterception(
    {
      interceptor: { path: join(folder, "my things/x86_64.so"), bytes },
      configuration: configuration(1),
      go: null,
    },
    {},
  );
  const copy = interception.env["LD_PRELOAD"] ?? "";

  expect(copy).not.toContain(" ");
  expect(readFileSync(copy)).toEqual(bytes);
  expect(existsSync(copy.replace(/\.so$/, ".conf"))).toBe(false);
  expect(interception.env["UNPLUG_INTERCEPTOR"]).toContain("targets=1;");
});

test("has a tally at nothing, and nothing is left of it in the end", () => {
  const interception = openInterception(
    { interceptor: { path: "/x86_64.so", bytes }, configuration: configuration(2), go: null },
    {},
  );
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

  expect(() =>
    openInterception({ interceptor: { path: "/x86_64.so", bytes }, configuration: wrong, go: null }, {}),
  ).toThrow("cannot hold run");
  expect(readdirSync(folder)).toEqual([]);
});

const go = (name: string, asksLibc: boolean, preloads = true) => ({
  name,
  preloads,
  patched: {
    bytes: Buffer.from("a program"),
    go: { version: "go1.22.3", cgo: "dynamic", asksLibc } as const,
  },
});

test("lays a copy of a Go program beside the rest, to be started by its own name", () => {
  const told = { interceptor: { path: "/x86_64.so", bytes }, configuration: configuration(1) };
  using interception = openInterception({ ...told, go: go("tally", true) }, { GODEBUG: "gctrace=1" });
  using other = openInterception({ ...told, go: go("service", false) }, { GODEBUG: "gctrace=1" });

  expect(interception.program).toMatch(/\/tally-program$/);
  expect(other.program).toMatch(/\/service$/);
  const status = statSync(interception.program ?? "");
  expect([readFileSync(interception.program ?? "", "utf8"), status.mode & 0o777]).toEqual([
    "a program",
    0o755,
  ]);
  expect(interception.env["GODEBUG"]).toBe("gctrace=1,netdns=go");
  expect(other.env["GODEBUG"]).toBe("gctrace=1");
  // What it starts may be other than Go.
  expect(other.env["LD_PRELOAD"]).toBe("/x86_64.so");
  expect(Object.keys(other.env)[0]).toBe("UNPLUG_INTERCEPTOR");
});

test("preloads nothing into a Go program whose loader has no libc to load", () => {
  const told = { interceptor: { path: "/x86_64.so", bytes }, configuration: configuration(1) };
  using interception = openInterception(
    { ...told, go: go("service", false, false) },
    { LD_PRELOAD: "/its/own.so" },
  );

  expect(interception.env["LD_PRELOAD"]).toBe("/its/own.so");
});

test("refuses a Go program what is too long for a variable, and leaves nothing behind", () => {
  vi.stubEnv("TMPDIR", folder);
  const told = { interceptor: { path: "/x86_64.so", bytes }, configuration: configuration(4000) };

  expect(() => openInterception({ ...told, go: go("service", false) }, {})).toThrow("too long for service");
  expect(readdirSync(folder)).toEqual([]);
});
