import { expect, test } from "vitest";
import { inheritedFiles, type OpenFile } from "./inherited-files.ts";

/** `<` before a name is open for reading, `>` for writing. */
const open = (names: Record<number, string>) =>
  new Map<number, OpenFile>(
    Object.entries(names).map(([file, name]) => [
      Number(file),
      { name: name.replace(/^[<>]/, ""), reads: !name.startsWith(">"), writes: !name.startsWith("<") },
    ]),
  );

const own = {
  3: "anon_inode:[eventpoll]",
  4: "anon_inode:[io_uring]",
  6: "<pipe:[1]",
  7: ">pipe:[1]",
  8: "anon_inode:[eventfd]",
  10: "<pipe:[2]",
  16: ">pipe:[2]",
};

test("what stands before the first file of Node.js itself was handed over, both ends of a pipe too", () => {
  const files = { 3: "/tmp/log", 4: "<pipe:[7]", 5: ">pipe:[7]", 6: "anon_inode:[eventpoll]" };

  expect(inheritedFiles(open(files))).toEqual([3, 4, 5]);
  expect(inheritedFiles(open({ ...files, 7: "<pipe:[8]", 8: ">pipe:[8]" }))).toEqual([3, 4, 5]);
});

test("what stands among the files of Node.js was handed over when it is none of its own", () => {
  expect(inheritedFiles(open({ ...own, 5: "/tmp/a", 9: "/tmp/lock" }))).toEqual([5, 9]);
  expect(inheritedFiles(open({ ...own, 5: "<pipe:[3]", 9: "socket:[4]", 15: "/dev/pts/0" }))).toEqual([
    5, 9, 15,
  ]);
});

test("copies of standard output are no pipe of Node.js, whatever its other end", () => {
  const shared = { 0: "<pipe:[5]", 1: ">pipe:[6]", 5: ">pipe:[6]", 9: ">pipe:[6]" };

  expect(inheritedFiles(open({ ...own, ...shared }))).toEqual([5, 9]);
  expect(inheritedFiles(open({ ...own, 1: ">pipe:[5]", 5: ">pipe:[5]", 9: "<pipe:[5]" }))).toEqual([5, 9]);
});

test("what has a number of 16 and more goes through by itself, unless it comes before Node.js's", () => {
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [3 + index, `socket:[${index}]`]));

  expect(inheritedFiles(open({ ...own, 40: "/tmp/a" }))).toEqual([]);
  expect(inheritedFiles(open({ ...many, 23: "anon_inode:[eventpoll]" }))).toHaveLength(20);
});

test("nothing was handed over where Node.js begins at once, or where nothing is known", () => {
  expect(inheritedFiles(open(own))).toEqual([]);
  expect(inheritedFiles(new Map())).toEqual([]);
});
