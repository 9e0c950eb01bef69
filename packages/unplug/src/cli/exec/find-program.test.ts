import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findProgram, lookUpProgram } from "./find-program.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unplug-find-"));
  for (const name of ["first", "second"]) mkdirSync(join(folder, name));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, mode: number): string {
  const file = join(folder, name);
  writeFileSync(file, "");
  chmodSync(file, mode);
  return file;
}

const path = () => `${folder}/first:${folder}/second`;

test("takes the first in PATH that can be started", () => {
  put("first/tool", 0o644);
  mkdirSync(join(folder, "first/other"));
  const tool = put("second/tool", 0o755);
  const other = put("second/other", 0o755);

  expect(findProgram("tool", path())).toBe(tool);
  expect(findProgram("other", path())).toBe(other);
});

test("takes a path as it is, without looking in PATH", () => {
  const file = put("tool", 0o755);

  expect(findProgram(file, "")).toBe(file);
  expect(() => findProgram("./tool-that-is-not-here", folder)).toThrow(
    "./tool-that-is-not-here: there is no such file. Expected a program.",
  );
});

test("an empty entry of PATH is the working folder, and the answer is a path all the same", () => {
  // The tests are run in the folder that has this file.
  expect(() => findProgram("package.json", ":/nowhere")).toThrow(
    "package.json: not found in PATH (./package.json: you may not execute it",
  );
});

test("without a PATH, looks where the system does", () => {
  expect(findProgram("sh", undefined)).toMatch(/^(\/usr)?\/bin\/sh$/);
});

test("says when there is none, and what stands there under its name", () => {
  put("second/tool", 0o644);
  mkdirSync(join(folder, "first/tool"));

  expect(() => findProgram("nothing", path())).toThrow("nothing: not found in PATH. Expected a program");
  expect(() => findProgram("tool", path())).toThrow(
    `tool: not found in PATH (${folder}/first/tool: it is a folder)`,
  );
});

test.each([
  ["a folder", () => `${folder}/first`, "it is a folder"],
  ["a file that is no program", () => put("text", 0o644), "you may not execute it"],
  ["a file as a folder", () => `${put("text", 0o755)}/x`, "there is no such file"],
  ["a name that is too long", () => `/${"x".repeat(300)}`, "ENAMETOOLONG"],
  ["a device", () => "/dev/null", "it is no file that can be started"],
  ["nothing", () => "", "COMMAND is empty"],
])("refuses %s", (_, command, said) => {
  expect(() => findProgram(command(), path())).toThrow(said);
});

test("looking up answers null where finding throws", () => {
  expect(lookUpProgram("nothing", path())).toBeNull();
  expect(lookUpProgram(`${folder}/first`, path())).toBeNull();
});
