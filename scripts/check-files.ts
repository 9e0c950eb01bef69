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
 * `new Date()`, and waits for a process that nothing ends (lint has no rule for either). `files` are paths below `root`.
 */
export function findBadFiles(root: string, files: readonly string[]): string[] {
  return files.flatMap((file) => [
    ...badName(file),
    ...tooLong(root, file),
    ...tellsTheTime(root, file),
    ...waitsForEver(root, file),
  ]);
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

/** A wait that blocks the whole process, or the loading of a test: no timeout of a test reaches either. */
function waitsForEver(root: string, file: string): string[] {
  if (!/\.(ts|mts|js|mjs)$/.test(file)) return [];
  const text = readFileSync(`${root}/${file}`, "utf8");
  const lineOf = (at: number) => text.slice(0, at).split("\n").length;
  const blocking = [...text.matchAll(/(?<!["'`./\w])(spawnSync|execFileSync|execSync)\(/g)]
    .filter((call) => !/\btimeout\b/.test(callAt(text, call.index)))
    .map(
      (call) =>
        `${file}:${lineOf(call.index)}: ${call[1]} without a timeout: if it hangs, so does all that waits for it; say how long at most ({ timeout: 60_000 })`,
    );
  const loading = file.endsWith(".test.ts")
    ? [
        ...text.matchAll(
          /^(?:(?:export )?(?:const|let) [^=\n]+= )?await (once|run\w*|exec\w*|spawn\w*|new Promise)\b/gm,
        ),
      ]
    : [];
  return [
    ...blocking,
    ...loading.map(
      (wait) =>
        `${file}:${lineOf(wait.index)}: await ${wait[1]} while the file is loaded: no timeout reaches it; wait in beforeAll, or in the test`,
    ),
  ];
}

/** A call from its name to the parenthesis that closes it. */
function callAt(text: string, from: number): string {
  let depth = 0;
  for (let at = text.indexOf("(", from); at < text.length; at += 1) {
    const one = text[at];
    if (one === '"' || one === "'" || one === "`") at = endOfText(text, at);
    else if (one === "(") depth += 1;
    else if (one === ")") depth -= 1;
    if (depth === 0) return text.slice(from, at + 1);
  }
  return text.slice(from);
}

function endOfText(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === text[from]) return at;
  }
  return text.length;
}
