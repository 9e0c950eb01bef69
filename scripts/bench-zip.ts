import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { zipOf } from "../packages/sandbox/src/index.ts";
import { lacking } from "./bench-program.ts";
import { type Measured, median } from "./measured.ts";
import { root, runCommand } from "./run-command.ts";

const entries = 5000;
const bytesEach = 9600;
const rounds = 15;

interface Taken {
  readonly ms: number;
  /** The most that the process had. */
  readonly mib: number;
}

/**
 * Two files added to a zip of 48 MB and 5,000 entries, from file to file, each time by a process that has just begun: against
 * copying the file, Info-ZIP, and zip.js, the one library that keeps what is there and its order. What starting Node.js takes is
 * not in it; hashing is measured apart.
 */
export async function benchZip(): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "unplug-bench-"));
  try {
    await makeZip(join(folder, "from.zip"));
    const program = await bundle(folder);
    const taken: Record<string, Taken[]> = { nothing: [], copy: [], ours: [], hash: [], "zip.js": [] };
    const infoZip: number[] = [];
    const lacks = await lacking("zip", "zip");
    for (let round = -1; round < rounds; round++) {
      for (const way of Object.keys(taken)) {
        const one = await once(program, folder, way);
        if (round >= 0) taken[way]?.push(one);
      }
      if (lacks === null && round >= 0) infoZip.push(await copyAndGrow(folder));
    }
    return measuredFrom(taken, lacks ?? median(infoZip));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measuredFrom(taken: Readonly<Record<string, readonly Taken[]>>, infoZip: number | string): Measured {
  const ms = (way: string) => median((taken[way] ?? []).map((one) => one.ms));
  const mib = (way: string) => median((taken[way] ?? []).map((one) => one.mib));
  const ratio = (way: string) =>
    median((taken["ours"] ?? []).map((one, at) => one.ms / (taken[way]?.[at]?.ms ?? 0)));
  const others = Object.keys(taken).filter((way) => way !== "nothing");
  const lines = others.map(
    (way) => `${way} ${ms(way).toFixed(1)} ms, ${(mib(way) - mib("nothing")).toFixed(1)} MiB`,
  );
  const grown = typeof infoZip === "string" ? infoZip : `cp and zip -g ${infoZip.toFixed(1)} ms`;
  return {
    says: [`${lines.join("; ")} over bare Node.js; ${grown} (medians of ${rounds} rounds)`],
    figures: {
      "of what copying takes": ratio("copy"),
      "MiB over bare Node.js": mib("ours") - mib("nothing"),
      "of what cp and zip -g take": typeof infoZip === "string" ? infoZip : ms("ours") / infoZip,
      "of what zip.js takes": ratio("zip.js"),
    },
  };
}

async function once(program: string, folder: string, way: string): Promise<Taken> {
  const to = join(folder, "to.zip");
  rmSync(to, { force: true });
  const { code, output } = await runCommand(process.execPath, [program, way, join(folder, "from.zip"), to]);
  if (code !== 0) throw new Error(`${way} ended with ${code}:\n${output}`);
  return JSON.parse(output);
}

/** Info-ZIP changes the file that it is given. */
async function copyAndGrow(folder: string): Promise<number> {
  rmSync(join(folder, "to.zip"), { force: true });
  const words = ["-c", "cp from.zip to.zip && zip -qg to.zip wrapper interceptor.so"];
  const { code, output, ms } = await runCommand("sh", words, { cwd: folder });
  if (code !== 0) throw new Error(`zip -g ended with ${code}:\n${output}`);
  return ms;
}

async function bundle(folder: string): Promise<string> {
  await build({
    absWorkingDir: root,
    entryPoints: { program: join(root, "scripts/bench-zip-program.ts") },
    outdir: join(folder, "dist"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    logLevel: "silent",
  });
  return join(folder, "dist/program.mjs");
}

/** Beside it lie the files that Info-ZIP adds. */
async function makeZip(path: string): Promise<void> {
  const noise = Buffer.alloc(bytesEach + entries);
  let state = 1;
  for (let at = 0; at < noise.length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    noise[at] = state >>> 16;
  }
  const files = Array.from({ length: entries }, (_, at) => [
    `node_modules/package-${at % 200}/lib/file-${at}.js`,
    noise.subarray(at, at + bytesEach),
  ]);
  writeFileSync(path, await zipOf(Object.fromEntries(files)));
  writeFileSync(join(path, "../wrapper"), '#!/bin/sh\nexec "$@"\n');
  writeFileSync(join(path, "../interceptor.so"), Buffer.alloc(20_000, "an object of that length "));
}
