import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { interceptorFor } from "../packages/interceptor/src/index.ts";
import { checksumsOf, differences } from "../scripts/check-native.ts";

const built = { x86_64: Buffer.from("made for x86_64"), arm64: Buffer.from("made for arm64") };

function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), "unplug-objects-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test("has nothing against objects that are what the source builds to", () => {
  const files = {
    "x86_64.so": built.x86_64,
    "arm64.so": built.arm64,
    "checksums.json": checksumsOf(built),
  };

  expect(differences(built, folderOf(files))).toBe("");
});

test("names the object that is another, and says how to renew it", () => {
  const files = { "x86_64.so": built.x86_64, "arm64.so": "tampered", "checksums.json": checksumsOf(built) };

  expect(differences(built, folderOf(files))).toMatch(/builds to: arm64\.so\.\n.*scripts\/native\.ts/);
});

test("names checksums that belong to other objects", () => {
  const other = checksumsOf({ ...built, arm64: Buffer.from("older") });
  const files = { "x86_64.so": built.x86_64, "arm64.so": built.arm64, "checksums.json": other };

  expect(differences(built, folderOf(files))).toContain("builds to: checksums.json.");
});

test("writes the checksums that the loader reads", () => {
  const loaded = { x86_64: interceptorFor("x86_64"), arm64: interceptorFor("arm64") };
  const bytes = { x86_64: Buffer.from(loaded.x86_64.bytes), arm64: Buffer.from(loaded.arm64.bytes) };

  const { x86_64, arm64 } = loaded;
  expect(JSON.parse(checksumsOf(bytes))).toEqual({ x86_64: x86_64.sha256, arm64: arm64.sha256 });
});
