import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeSharedFolder } from "./shared-folder.ts";

let base: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "unplug-shared-"));
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;

test("is its user's alone, and goes with everything in it", () => {
  const folder = makeSharedFolder({ loadedFrom: false, candidates: [base], isRoot: false });
  const file = folder.write("tally", Buffer.from("x"), "everyone writes");

  expect(modeOf(folder.path)).toBe(0o700);
  expect(modeOf(file)).toBe(0o666);
  expect(modeOf(folder.write("object.so", Buffer.from("y")))).toBe(0o755);
  folder.remove();
  expect(readdirSync(base)).toEqual([]);
});

test("root's can be passed through, so that a program which becomes somebody else can count", () => {
  const folder = makeSharedFolder({ loadedFrom: false, candidates: [base], isRoot: true });

  expect(modeOf(folder.path)).toBe(0o711);
  folder.remove();
});

test("goes on to the next place where one cannot be used", () => {
  const spaced = join(base, "with space");
  mkdirSync(spaced);
  const folder = makeSharedFolder({ loadedFrom: true, candidates: [spaced, join(base, "missing"), base] });

  expect(folder.path.startsWith(join(base, "unplug-exec-"))).toBe(true);
  expect(readdirSync(spaced)).toEqual([]);
  folder.remove();
});

test("says of each place what is wrong with it when none is left", () => {
  const spaced = join(base, "with space");

  expect(() => makeSharedFolder({ loadedFrom: true, candidates: [spaced, join(base, "missing")] })).toThrow(
    new RegExp(
      `  - ${spaced}: LD_PRELOAD cannot name it\n  - ${base}/missing: ENOENT[^]*\nName one in TMPDIR`,
    ),
  );
});
