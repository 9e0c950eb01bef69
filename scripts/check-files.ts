import { readFileSync } from "node:fs";
import { basename } from "node:path";

const maxLines = 300;
const wordless = new Set(
  [
    "attack",
    "cleanup",
    "common",
    "details",
    "helper",
    "helpers",
    "manager",
    "recover",
    "revert",
    "rollback",
  ].concat(["util", "utils"]),
);

/** Where the time of day may be asked for; lint holds Date.now to the same (oxlint.config.ts). */
const mayTellTheTime = [
  /^packages\/unplug\/src\/(cli\/|contract\/clock\.ts$)/,
  /^packages\/sandbox\/src\/(start-sandbox\.ts$|runtime\/bootstrap\/)/,
  /\.test\.ts$|-for-test\.ts$/,
];

/**
 * What no tool finds: files that are too long (lint knows only its own languages), files that are named after nothing,
 * and `new Date()` (lint has no rule for it). `files` are paths below `root`.
 */
export function findBadFiles(root: string, files: readonly string[]): string[] {
  return files.flatMap((file) => [...badName(file), ...tooLong(root, file), ...tellsTheTime(root, file)]);
}

function badName(file: string): string[] {
  const word = file
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .find((part) => wordless.has(part));
  if (word !== undefined) return [`${file}: the name says nothing, or in a word that is not ours: ${word}`];
  return basename(file) === "types.ts" ? [`${file}: name it after what it declares`] : [];
}

function tooLong(root: string, file: string): string[] {
  if (!/\.(ts|tsx|js|mjs|py|sh|c|h)$/.test(file)) return [];
  const lines = readFileSync(`${root}/${file}`, "utf8").trimEnd().split("\n").length;
  return lines > maxLines ? [`${file}: ${lines} lines, at most ${maxLines}`] : [];
}

function tellsTheTime(root: string, file: string): string[] {
  if (!/^packages\/[^/]+\/src\/.*\.(ts|tsx|mjs|js)$/.test(file)) return [];
  if (mayTellTheTime.some((pattern) => pattern.test(file))) return [];
  const lines = readFileSync(`${root}/${file}`, "utf8").split("\n");
  const at = lines.findIndex((line) => /\bnew Date(\(\s*\)|\s*[;,)])/.test(line));
  return at < 0 ? [] : [`${file}:${at + 1}: new Date(): time comes in by parameter (contract/clock.ts)`];
}
