import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findBadFiles } from "../scripts/check-files.ts";

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "unplug-files-"));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function judge(file: string, text: string): string[] {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
  return findBadFiles(root, [file]);
}

test.for([
  ["packages/unplug/src/engine/undo-helper.ts", "", "helper"],
  ["packages/unplug/src/utils/zip.ts", "", "utils"],
  ["packages/unplug/src/engine/types.ts", "", "what it declares"],
  ["packages/sandbox/src/runtime/bootstrap/long.py", "x = 1\n".repeat(301), "301 lines"],
  ["packages/unplug/src/engine/today.ts", "const a = 1;\nconst b = new Date();\n", "today.ts:2: new Date()"],
  [
    "test/waits.ts",
    'const a = 1;\nspawnSync("a", [")"], { env });\n',
    "waits.ts:2: spawnSync without a timeout",
  ],
  ["scripts/waits.ts", 'execFileSync("a").trim();\n', "waits.ts:1: execFileSync without a timeout"],
  ["test/loads.test.ts", 'const [code] = await once(child, "close");\n', "loads.test.ts:1: await once while"],
  ["test/runs.test.ts", "test();\nawait runCommand(a);\n", "runs.test.ts:2: await runCommand while"],
] as const)("finds what is wrong with %s", ([file, text, message]) => {
  expect(judge(file, text)).toEqual([expect.stringContaining(message)]);
});

test.for([
  ["packages/unplug/src/engine/utility-bill.ts", ""],
  ["packages/sandbox/src/runtime/bootstrap/short.py", "x = 1\n".repeat(300)],
  ["packages/unplug/src/engine/then.ts", "const b = new Date(0);\n"],
  ["packages/unplug/src/cli/today.ts", "const b = new Date();\n"],
  ["docs/long.md", "x\n".repeat(400)],
  ["test/ends.ts", 'spawnSync("a", ["("], {\n  env: f({ a }),\n  timeout: 60_000,\n});\n'],
  ["test/in-a-test.test.ts", 'test("a", async () => {\n  await once(child, "close");\n});\n'],
] as const)("finds nothing wrong with %s", ([file, text]) => {
  expect(judge(file, text)).toEqual([]);
});
