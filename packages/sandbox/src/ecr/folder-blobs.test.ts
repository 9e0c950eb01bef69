import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { builtImage, putImage } from "../../../../test/support/image-builder.ts";
import { virtualCloud } from "../cloud-for-test.ts";
import { openDataFolder } from "../data/data-folder.ts";
import { digestOf } from "./blob-store.ts";
import { folderBlobs } from "./folder-blobs.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "unplug-blobs-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("keeps what was finished under its digest, and nothing of what was dropped", async () => {
  const blobs = folderBlobs(join(folder, "blobs"));
  const [kept, dropped] = [await blobs.begin(), await blobs.begin()];
  await kept.append(Buffer.from("one "));
  await dropped.append(Buffer.from("one"));
  await kept.append(Buffer.from("two"));
  const digest = digestOf(Buffer.from("one two"));
  expect([kept.size, kept.digest(), blobs.sizeOf(digest)]).toEqual([7, digest, undefined]);
  await kept.finish();
  await dropped.drop();
  expect(await readdir(join(folder, "blobs"))).toEqual([digest.slice("sha256:".length)]);
  expect([blobs.sizeOf(digest), blobs.sizeOf("../state")]).toEqual([7, undefined]);
  expect(await text(blobs.read(digest))).toBe("one two");
  expect(await text(blobs.read(digest, { first: 2, last: 4 }))).toBe("e t");
});

test("a data folder keeps the layers of its images, and of nothing else", async () => {
  const open = () =>
    openDataFolder({ path: folder, elapsed: () => performance.now(), problem: () => undefined });
  const first = await open();
  const image = builtImage({ layers: [[{ path: "run", body: "#!/bin/sh\n" }]] });
  const virtual = virtualCloud({ state: first.state, blobs: folderBlobs(first.blobs) });
  await putImage(virtual.cloud, { repository: "cart", tag: "v1", region: "us-east-1" }, image);
  await writeFile(join(first.blobs, "0".repeat(64)), "nobody's");
  await writeFile(join(first.blobs, "half.upload"), "half");
  await first.close();
  const second = await open();
  const again = virtualCloud({ state: second.state, blobs: folderBlobs(second.blobs) });
  await again.call("lambda:CreateFunction", {
    FunctionName: "cart",
    PackageType: "Image",
    Role: "arn:aws:iam::000000000000:role/r",
    Code: { ImageUri: "000000000000.dkr.ecr.us-east-1.amazonaws.com/cart:v1" },
  });
  expect((await readdir(second.blobs)).map((name) => `sha256:${name}`).toSorted()).toEqual(
    [...image.blobs.keys()].toSorted(),
  );
  await second.close();
});
