import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ImageFile, tarOf } from "../../../../test/support/image-builder.ts";
import type { ContainerImage } from "../runtime-port.ts";
import { imageObstacle, imageVariables, launchErrorLine } from "./image-launch.ts";
import { imageOf } from "./runtime-for-test.ts";
import { imageRoom, unpackLayer } from "./unpack-layer.ts";

/** The beginning of a program with a dynamic loader. */
function elf(machine: number, loader: string): Buffer {
  const head = Buffer.alloc(256);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(head);
  head.writeUInt16LE(machine, 18);
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(1, 56);
  head.writeUInt32LE(3, 64);
  head.writeBigUInt64LE(128n, 72);
  head.write(`${loader}\0`, 128);
  return head;
}

const [own, other] = process.arch === "arm64" ? [183, 8] : [62, 8];
const files: readonly ImageFile[] = [
  { path: "lib/loader", body: "" },
  { path: "usr/bin/app", body: elf(own, "/lib/loader") },
  { path: "bin", link: "/usr/bin" },
  { path: "usr/bin/foreign", body: elf(other, "/lib/loader") },
  { path: "usr/bin/musl", body: elf(own, "/lib/none") },
  { path: "usr/bin/script", body: "#!/bin/app -x\n" },
  { path: "usr/bin/orphan", body: "#!/bin/none\n" },
  { path: "usr/bin/locked", body: "#!/bin/app\n", mode: 0o644 },
  { path: "usr/bin/text", body: "text", mode: 0o755 },
  { path: "srv" },
];
const container: ContainerImage = {
  digest: "0".repeat(64),
  repository: "cart",
  layers: [],
  environment: ["MOOD=calm=very", "EMPTY="],
  entryPoint: [],
  command: [],
  workingDirectory: "/srv",
};

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "unplug-launch-test-"));
  await unpackLayer(Readable.from([gzipSync(tarOf(files))]), root, imageRoom());
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function obstacle(
  entryPoint: readonly string[],
  more: Partial<ContainerImage> = {},
): Promise<string | null> {
  return imageObstacle({ root }, await imageOf({}, { container: { ...container, entryPoint, ...more } }));
}

test("starts what is in the image, by links, in its PATH, by the interpreter of a script", async () => {
  for (const program of ["/usr/bin/app", "/bin/app", "app", "../bin/app", "script"]) {
    expect([program, await obstacle([program])]).toEqual([program, null]);
  }
  expect(await obstacle([], { command: ["/bin/app", "x"] })).toBeNull();
});

test.each([
  ["/none", "no such file or directory"],
  ["/srv", "no such file or directory"],
  ["none", "no such file or directory"],
  ["", "no such file or directory"],
  ["/bin/musl", "no such file or directory"],
  ["/bin/orphan", "no such file or directory"],
  ["/bin/locked", "permission denied"],
  ["/bin/foreign", "exec format error"],
  ["/bin/text", "exec format error"],
])("does not start %j, in the kernel's words: %s", async (program, words) => {
  expect(await obstacle([program])).toBe(`fork/exec ${program}: ${words}`);
});

test("does not start in a folder that is not there", async () => {
  expect(await obstacle(["/bin/app"], { workingDirectory: "/none" })).toBe(
    "fork/exec /bin/app: no such file or directory",
  );
});

test("gives the variables of the image, and PATH where it says nothing of it", () => {
  expect(imageVariables(container)).toEqual({
    PATH: "/usr/local/bin:/usr/bin:/bin:/opt/bin",
    MOOD: "calm=very",
    EMPTY: "",
  });
  expect(imageVariables({ ...container, environment: ["PATH=/app"] })).toEqual({ PATH: "/app" });
});

test("says of an image that cannot be started what it was to start", () => {
  expect(
    launchErrorLine("fork/exec /x: permission denied", {
      ...container,
      entryPoint: ["/x"],
      command: ["a", "b"],
    }),
  ).toBe(
    "IMAGE\tLaunch error: fork/exec /x: permission denied\tEntry Point: [/x]\tCmd: [a b]\tWorking Dir: [/srv]",
  );
});
