import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { builtFiles, checksumsOf, differences } from "../scripts/check-native.ts";
import { objectFolder } from "../scripts/native-objects.ts";

const built = {
  "x86_64.so": Buffer.from("made for x86_64"),
  "arm64.so": Buffer.from("made for arm64"),
  "go-x86_64.bin": Buffer.from("a hook for x86_64"),
  "go-arm64.bin": Buffer.from("a hook for arm64"),
};

function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), "unplug-objects-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test("has nothing against objects that are what the source builds to", () => {
  const files = { ...built, "checksums.json": checksumsOf(built) };

  expect(differences(built, folderOf(files))).toBe("");
});

test.for(builtFiles)("names %s when it is another, and says how to renew it", (name) => {
  const files = { ...built, [name]: "tampered", "checksums.json": checksumsOf(built) };

  expect(differences(built, folderOf(files))).toMatch(
    new RegExp(`builds to: ${name.replace(".", "\\.")}\\.\\n.*scripts/native\\.ts`),
  );
});

test("names checksums that belong to other objects", () => {
  const other = checksumsOf({ ...built, "arm64.so": Buffer.from("older") });
  const files = { ...built, "checksums.json": other };

  expect(differences(built, folderOf(files))).toContain("builds to: checksums.json.");
});

test("finds nothing against the checksums of what is committed", () => {
  const committed = Object.fromEntries(
    builtFiles.map((name) => [name, readFileSync(join(objectFolder, name))]),
  );

  expect(differences({ ...built, ...committed }, objectFolder)).toBe("");
});
