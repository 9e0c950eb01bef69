import { expect, test } from "vitest";
import { inheritedFiles } from "./inherited-files.ts";

const open = (names: Record<number, string>) => (file: number) => {
  const name = names[file];
  if (name === undefined) throw new Error("ENOENT");
  return name;
};

test("what stands before the first file of Node.js itself was handed over", () => {
  expect(
    inheritedFiles(open({ 3: "/tmp/log", 4: "pipe:[7]", 5: "anon_inode:[eventpoll]", 6: "pipe:[8]" })),
  ).toEqual([3, 4]);
});

test("nothing was handed over where Node.js begins at once, or where a number is free", () => {
  expect(inheritedFiles(open({ 3: "anon_inode:[eventpoll]", 4: "/tmp/log" }))).toEqual([]);
  expect(inheritedFiles(open({ 4: "/tmp/log" }))).toEqual([]);
});
