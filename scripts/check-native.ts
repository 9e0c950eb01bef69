import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { Architecture } from "../packages/interceptor/src/index.ts";
import { buildHook, hookSources } from "./native-hook.ts";
import {
  buildObject,
  lackingCompiler,
  language,
  objectFolder,
  sourceFolder,
  sources,
} from "./native-objects.ts";
import { runCommand } from "./run-command.ts";

/** What a check answers that this machine cannot make. */
export interface NotRun {
  readonly notRun: string;
}

/** What is committed: the objects that are preloaded, and the hooks that are put into Go programs. */
export const builtFiles = ["x86_64.so", "arm64.so", "go-x86_64.bin", "go-arm64.bin"] as const;
export type BuiltFile = (typeof builtFiles)[number];

type Built = Readonly<Record<BuiltFile, Buffer>>;

/** Builds all of them twice, in folders of different names. Throws when that makes a difference. */
export async function rebuild(): Promise<Built> {
  const folder = mkdtempSync(join(tmpdir(), "unplug-native-"));
  const [here, there] = [join(folder, "here"), join(folder, "in a folder of another name/and depth")];
  try {
    // One copy of the other: somebody may be writing in the checkout.
    cpSync(sourceFolder, here, { recursive: true });
    cpSync(here, there, { recursive: true });
    return {
      "x86_64.so": await buildTwice(buildObject, "x86_64", here, there),
      "arm64.so": await buildTwice(buildObject, "arm64", here, there),
      "go-x86_64.bin": await buildTwice(buildHook, "x86_64", here, there),
      "go-arm64.bin": await buildTwice(buildHook, "arm64", here, there),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function buildTwice(
  build: typeof buildObject,
  architecture: Architecture,
  here: string,
  there: string,
): Promise<Buffer> {
  const [first, second] = [join(here, "made"), join(there, "made as well")];
  await Promise.all([build(architecture, here, first), build(architecture, there, second)]);
  const bytes = readFileSync(first);
  if (bytes.equals(readFileSync(second))) return bytes;
  throw new Error(`${build.name} for ${architecture} depends on the folder that it builds in.`);
}

/** The text of checksums.json: by the names of the files less what follows the dot. */
export function checksumsOf(built: Built): string {
  const sums = builtFiles.map((file) => {
    return [file.slice(0, file.lastIndexOf(".")), createHash("sha256").update(built[file]).digest("hex")];
  });
  return `${JSON.stringify(Object.fromEntries(sums), null, 2)}\n`;
}

/** What is wrong with the committed objects; nothing is when the compilers make them of the committed source. */
export async function checkNative(): Promise<string | NotRun> {
  const lacking = await lackingCompiler();
  return lacking === null ? differences(await rebuild(), objectFolder) : { notRun: lacking };
}

/** Which files of `folder` are not what was built, and how to renew them; empty when all are. */
export function differences(built: Built, folder: string): string {
  const files: string[] = builtFiles.filter((name) => !built[name].equals(readFileSync(join(folder, name))));
  if (readFileSync(join(folder, "checksums.json"), "utf8") !== checksumsOf(built))
    files.push("checksums.json");
  if (files.length === 0) return "";
  return `${folder}: not what packages/interceptor/native builds to: ${files.join(", ")}.
To renew: node scripts/node24.js scripts/native.ts`;
}

/** What two static analysers say of the C source; everything that they say is wrong. */
export async function analyse(): Promise<string | NotRun> {
  const analysers: readonly (readonly [string, readonly string[], string])[] = [
    ["clang", ["--analyze", "-Xanalyzer", "-analyzer-werror"], "clang"],
    ["gcc", ["-fanalyzer", "-O1", "-Wall", "-Wextra", "-Werror", "-c"], "gcc libc6-dev"],
  ];
  const said: string[] = [];
  for (const [command, args, packages] of analysers) {
    const { code, output } = await runCommand(command, ["--version"]);
    // On macOS, gcc is a name of clang's.
    if (code !== 0 || process.platform !== "linux" || (command === "gcc" && /clang/i.test(output))) {
      return { notRun: `'${command}' is not installed (on Linux, apt-get install ${packages})` };
    }
    const names = [...new Set([...sources(sourceFolder), ...hookSources(sourceFolder, "x86_64")])].filter(
      (name) => name.endsWith(".c"),
    );
    const analyseNext = async (): Promise<void> => {
      for (let name = names.shift(); name !== undefined; name = names.shift()) {
        const all = [...args, ...language, name, "-o", "/dev/null"];
        const analysed = await runCommand(command, all, { cwd: sourceFolder });
        if (analysed.code !== 0) said.push(`${command}: ${name}\n${analysed.output.trimEnd()}`);
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, analyseNext));
  }
  return said.join("\n");
}
