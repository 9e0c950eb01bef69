import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeSharedFolder, type SharedFolder } from "./shared-folder.ts";

let base: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "unplug-shared-"));
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;

test("is its user's alone, and goes with everything in it", () => {
  const folder = makeSharedFolder({ loadedFrom: false, candidates: [base], isRoot: false });
  const file = folder.write("tally", Buffer.from("x"), "programs write");

  expect(modeOf(folder.path)).toBe(0o700);
  expect(modeOf(file)).toBe(0o600);
  expect(modeOf(folder.write("object.so", Buffer.from("y")))).toBe(0o755);
  folder.remove();
  expect(readdirSync(base)).toEqual([]);
});

test("root's can be passed through, so that a program which becomes somebody else can count", () => {
  const folder = makeSharedFolder({ loadedFrom: false, candidates: [base], isRoot: true });

  expect(modeOf(folder.path)).toBe(0o711);
  expect(modeOf(folder.write("tally", Buffer.from("x"), "programs write"))).toBe(0o666);
  folder.remove();
});

test("a relative place is named from the root, since the program may go elsewhere", () => {
  const folder = makeSharedFolder({ loadedFrom: false, candidates: [relative(process.cwd(), base)] });

  expect(folder.path.startsWith(join(base, "unplug-exec-"))).toBe(true);
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

const full = () => writeFileSync("/dev/full", "x");

test.runIf(existsSync("/dev/full"))("goes on to the next place where one is full", () => {
  const [first, second] = [join(base, "first"), join(base, "second")];
  mkdirSync(first);
  mkdirSync(second);
  const fill = ({ path, write }: SharedFolder) => {
    write("tally", Buffer.from("x"));
    if (path.startsWith(first)) full();
  };
  const folder = makeSharedFolder({ loadedFrom: false, candidates: [first, second], fill });

  expect(folder.path.startsWith(join(second, "unplug-exec-"))).toBe(true);
  expect(readdirSync(folder.path)).toEqual(["tally"]);
  expect(readdirSync(first)).toEqual([]);
  folder.remove();
});

test.runIf(existsSync("/dev/full"))("refuses when every place is full", () => {
  expect(() => makeSharedFolder({ loadedFrom: false, candidates: [base], fill: full })).toThrow(
    new RegExp(`  - ${base}: ENOSPC[^]*, with room left,`),
  );
  expect(readdirSync(base)).toEqual([]);
});

test("tries a place once, however often it is named", () => {
  const missing = join(base, "missing");
  const candidates = [missing, `${missing}/`, relative(process.cwd(), missing)];

  expect(() => makeSharedFolder({ loadedFrom: false, candidates })).toThrow(/^[^\n]*\n  - [^\n]*\nName one/);
});

test("takes no fault of what is written for one of the place", () => {
  const fill = () => {
    throw new Error("no number");
  };

  expect(() => makeSharedFolder({ loadedFrom: false, candidates: [base, base], fill })).toThrow(
    /^no number$/,
  );
  expect(readdirSync(base)).toEqual([]);
});

test("says of each place what is wrong with it when none is left", () => {
  const spaced = join(base, "with space");

  expect(() => makeSharedFolder({ loadedFrom: true, candidates: [spaced, join(base, "missing")] })).toThrow(
    new RegExp(
      `  - ${spaced}: LD_PRELOAD cannot name it\n  - ${base}/missing: ENOENT[^]*\nName one in TMPDIR`,
    ),
  );
});
