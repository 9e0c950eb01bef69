import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ImageFile, tarOf } from "../../../../test/support/image-builder.ts";
import { imageRoom, unpackLayer } from "./unpack-layer.ts";

let above: string;
let root: string;
beforeEach(async () => {
  above = await mkdtemp(join(tmpdir(), "unplug-unpack-test-"));
  root = join(above, "root");
  mkdirSync(root);
});
afterEach(() => rm(above, { recursive: true, force: true }));

function unpacked(files: readonly ImageFile[] | Buffer, room = imageRoom()): Promise<void> {
  const tar = Buffer.isBuffer(files) ? files : tarOf(files);
  return unpackLayer(Readable.from([gzipSync(tar)]), root, room);
}

const read = (path: string): string => readFileSync(join(root, path), "utf8");

test("puts layers over each other: files, modes, links of both kinds", async () => {
  await unpacked([
    { path: "bin/tool", body: "#!/bin/sh\n", mode: 0o755 },
    { path: "etc/secret", body: "old", mode: 0o600 },
    { path: "etc/both", same: "etc/secret" },
    { path: "etc/to", link: "/bin/tool" },
    { path: "etc/folder" },
  ]);
  expect([statSync(join(root, "bin/tool")).mode & 0o777, readlinkSync(join(root, "etc/to"))]).toEqual([
    0o755,
    "/bin/tool",
  ]);
  expect(statSync(join(root, "etc/both")).ino).toBe(statSync(join(root, "etc/secret")).ino);
  await unpacked([
    { path: "etc/secret", body: "new" },
    { path: "etc/to", body: "no link" },
    { path: "etc/folder", body: "no folder" },
    { path: "bin/tool", link: "other" },
  ]);
  expect([read("etc/secret"), read("etc/both"), read("etc/to"), read("etc/folder")]).toEqual([
    "new",
    "old",
    "no link",
    "no folder",
  ]);
  expect(readlinkSync(join(root, "bin/tool"))).toBe("other");
});

test("takes away what whiteouts name of the layers below, and nothing of their own", async () => {
  await unpacked([
    { path: "a/one", body: "1" },
    { path: "a/two", body: "2" },
    { path: "b/deep/three", body: "3" },
    { path: "b/four", body: "4" },
  ]);
  await unpacked([
    { path: "a/.wh.one", body: "" },
    { path: "b/new", body: "5" },
    { path: "b/deep/six", body: "6" },
    { path: "b/.wh..wh..opq", body: "" },
    { path: "c/.wh.none", body: "" },
  ]);
  expect(readdirSync(join(root, "a"))).toEqual(["two"]);
  expect(readdirSync(join(root, "b"))).toEqual(["deep", "new"]);
  expect(readdirSync(join(root, "b/deep"))).toEqual(["six"]);
});

test("writes nothing outside, whatever paths and links say, and through links where they lead in the image", async () => {
  writeFileSync(join(above, "outside"), "untouched");
  await unpacked([
    { path: "../outside", body: "climbed" },
    { path: "up", link: "../.." },
    { path: "up/outside", body: "through a link" },
    { path: "away", link: above },
    { path: "away/outside", body: "through an absolute one" },
    { path: "usr/lib/real", body: "real" },
    { path: "lib", link: "usr/lib" },
    { path: "lib/more", body: "more" },
    { path: "theirs", same: "../outside" },
  ]);
  expect(readFileSync(join(above, "outside"), "utf8")).toBe("untouched");
  expect([read("outside"), read("usr/lib/more"), read("theirs")]).toEqual([
    "through a link",
    "more",
    "through a link",
  ]);
  expect(read(join(above.slice(1), "outside"))).toBe("through an absolute one");
});

test("refuses what is too large, broken or no tar, and links that go round in circles", async () => {
  const files = [{ path: "x", body: "12345" }];
  await expect(unpacked(files, { bytes: 4, entries: 9 })).rejects.toThrow(/^The image is larger than/);
  await expect(unpacked(files, { bytes: 9, entries: 0 })).rejects.toThrow(/^The image is larger than/);
  await expect(unpacked(tarOf(files).subarray(0, 514))).rejects.toThrow(/ends in the middle of an entry/);
  await expect(unpacked(Buffer.alloc(1024, "x"))).rejects.toThrow(/This is no tar/);
  const zipped = gzipSync(tarOf([{ path: "x", body: "x".repeat(100_000) }]));
  const cut = Readable.from([zipped.subarray(0, zipped.length / 2)]);
  await expect(unpackLayer(cut, root, imageRoom())).rejects.toMatchObject({
    code: "InvalidParameterValueException",
  });
  const circle = [
    { path: "a", link: "b" },
    { path: "b", link: "a" },
    { path: "a/x", body: "" },
  ];
  await expect(unpacked(circle)).rejects.toThrow(/go round in circles/);
});

test.runIf(existsSync("/bin/tar"))("reads what tar writes, with long names of both forms", async () => {
  const long = `${"long/".repeat(30)}${"name".repeat(30)}`;
  for (const format of ["gnu", "pax"]) {
    const folder = join(above, format);
    mkdirSync(join(folder, long, ".."), { recursive: true });
    writeFileSync(join(folder, long), format);
    const made = spawnSync("/bin/tar", ["-c", `--format=${format}`, "-C", folder, "."], { timeout: 60_000 });
    await unpacked(made.stdout);
    expect(read(long)).toBe(format);
    expect(lstatSync(join(root, "long")).isDirectory()).toBe(true);
  }
});
