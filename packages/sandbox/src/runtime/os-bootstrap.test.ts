import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { unpack } from "./code-store.ts";
import type { FunctionFiles } from "./function-files.ts";
import { findBootstrap, type OsBootstrap } from "./os-bootstrap.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "unplug-bootstrap-test-"));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

type Entry = readonly [path: string, content: string | Buffer, mode: number];

async function filesOf(task: readonly Entry[], opt: readonly Entry[] = []): Promise<FunctionFiles> {
  for (const [folder, entries] of [
    ["task", task],
    ["opt", opt],
  ] as const) {
    const zip = new ZipFile();
    for (const [path, content, mode] of entries) zip.addBuffer(Buffer.from(content), path, { mode });
    zip.end();
    await unpack(await buffer(zip.outputStream), join(root, folder));
  }
  const tableOf = async () => "";
  const ways = { enter: [], mount: "", leave: [], asUser: [], unshare: "" };
  const mounts = { ...ways, optPoints: [], tableOf, imageTableOf: tableOf };
  return { task: join(root, "task"), opt: join(root, "opt"), mounting: { mounts, table: "" }, image: null };
}

const elf = (machine: number) => {
  const head = Buffer.from("7f454c46020101000000000000000000".padEnd(128, "0"), "hex");
  head.writeUInt16LE(machine, 18);
  return head;
};
const script = "#!/bin/sh\n";
const none = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";
const own = process.arch === "arm64" ? 183 : 62;

const cases: readonly (readonly [string, readonly Entry[], readonly Entry[], OsBootstrap])[] = [
  ["nothing", [["x", "", 0o100644]], [], { path: "/var/task/bootstrap", obstacle: none }],
  ["a script", [["bootstrap", script, 0o100755]], [], { path: "/var/task/bootstrap", obstacle: null }],
  ["a program", [["bootstrap", elf(own), 0o100755]], [], { path: "/var/task/bootstrap", obstacle: null }],
  [
    "a program for another processor",
    [["bootstrap", elf(8), 0o100755]],
    [],
    {
      path: "/var/task/bootstrap",
      obstacle: "fork/exec /var/task/bootstrap: exec format error",
    },
  ],
  [
    "one of the code before one of a layer",
    [["bootstrap", script, 0o100755]],
    [["bootstrap", script, 0o100755]],
    { path: "/var/task/bootstrap", obstacle: null },
  ],
  [
    "a folder, and one of a layer",
    [["bootstrap/x", "", 0o100644]],
    [["bootstrap", script, 0o100755]],
    { path: "/opt/bootstrap", obstacle: null },
  ],
  [
    "a link to a script of a layer",
    [["bootstrap", "/opt/real", 0o120777]],
    [["real", script, 0o100755]],
    { path: "/var/task/bootstrap", obstacle: null },
  ],
  [
    "one that only its owner may start",
    [["bootstrap", script, 0o100744]],
    [],
    { path: "/var/task/bootstrap", obstacle: "fork/exec /var/task/bootstrap: permission denied" },
  ],
  [
    "a script with line ends of Windows",
    [["bootstrap", "#!/bin/sh\r\n", 0o100755]],
    [],
    { path: "/var/task/bootstrap", obstacle: "fork/exec /var/task/bootstrap: no such file or directory" },
  ],
  [
    "a script without a first line that says how",
    [["bootstrap", "echo hello", 0o100755]],
    [],
    { path: "/var/task/bootstrap", obstacle: "fork/exec /var/task/bootstrap: exec format error" },
  ],
];

test.each(cases)("finds %s as Lambda does", async (_, task, opt, expected) => {
  expect(findBootstrap(await filesOf(task, opt))).toEqual(expected);
});
