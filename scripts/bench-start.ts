import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIGURATION_VARIABLE } from "../packages/interceptor/src/index.ts";
import { compile, type Ground, lacking, withProgram } from "./bench-program.ts";
import { configurationOf, fewTargets } from "./bench-targets.ts";
import { type Measured, median, quantile } from "./measured.ts";
import { runCommand } from "./run-command.ts";

interface Starter {
  readonly name: string;
  readonly rounds: number;
  /** The program and its words, or why it cannot be had. */
  readonly command: () => Promise<readonly string[] | string>;
}

const starters: readonly Starter[] = [
  { name: "sh -c :", rounds: 201, command: async () => ["sh", "-c", ":"] },
  { name: "python3 -c 0", rounds: 41, command: python },
  { name: "node -e 0", rounds: 41, command: async () => [process.execPath, "-e", "0"] },
];

/** The noise: in this share of the pairs, two plain starts differ by no more. */
const noiseShare = 0.8;

/**
 * How much longer a program takes with the interceptor loaded and configured, as a share of the noise in the same run. Beside
 * it, for people, what an object costs that has nothing in it: no object can cost less.
 */
export async function benchStart(): Promise<Measured> {
  const measured = await withProgram("start", async (ground) => {
    const source = join(ground.folder, "empty.c");
    writeFileSync(source, "extern int empty;\nint empty;\n");
    await compile(source, join(ground.folder, "empty.so"), ["-shared", "-fPIC", "-nostdlib"]);
    const each: Measured[] = [];
    for (const starter of starters) each.push(await measureStarter(starter, ground));
    return each;
  });
  const all =
    typeof measured === "string" ? starters.map(({ name }) => notMeasured(name, measured)) : measured;
  return {
    says: all.flatMap(({ says }) => says),
    figures: Object.assign({}, ...all.map(({ figures }) => figures)),
  };
}

async function measureStarter({ name, rounds, command }: Starter, ground: Ground): Promise<Measured> {
  const words = await command();
  if (typeof words === "string") return notMeasured(name, words);
  const empty = join(ground.folder, "empty.so");
  const { code, output } = await runCommand(
    join(ground.folder, "start"),
    [String(rounds), empty, ground.object, ...words],
    { env: { ...process.env, [CONFIGURATION_VARIABLE]: configurationOf(fewTargets, null) } },
  );
  if (code !== 0) throw new Error(`starting ${words.join(" ")} ended with ${code}:\n${output}`);
  const plain = pairsOf(output, "plain");
  const ratios = {
    plain: median(plain.map(({ ratio }) => ratio)),
    empty: median(pairsOf(output, "empty").map(({ ratio }) => ratio)),
    loaded: median(pairsOf(output, "loaded").map(({ ratio }) => ratio)),
  };
  const noise = quantile(
    plain.map(({ ratio }) => Math.max(ratio, 1 / ratio)),
    noiseShare,
  );
  return {
    says: [
      `${name}: ${median(plain.map(({ first }) => first / 1e6)).toFixed(2)} ms; with the interceptor ${ratios.loaded.toFixed(3)} of ` +
        `it, with an empty object ${ratios.empty.toFixed(3)}, plain again ${ratios.plain.toFixed(3)} (medians of ${rounds} pairs); ` +
        `${100 * noiseShare} % of the plain pairs differ by less than ${noise.toFixed(3)}`,
    ],
    figures: { [figureOf(name)]: (ratios.loaded - 1) / (noise - 1) },
  };
}

function notMeasured(name: string, why: string): Measured {
  return { says: [], figures: { [figureOf(name)]: why } };
}

function figureOf(name: string): string {
  return `longer by, of the noise, ${name}`;
}

function pairsOf(output: string, kind: string): { first: number; ratio: number }[] {
  return [...output.matchAll(new RegExp(`^${kind} (\\d+) (\\d+)$`, "gm"))].map(([, first, second]) => ({
    first: Number(first),
    ratio: Number(second) / Number(first),
  }));
}

/** The interpreter itself: what PATH has first may be a script that looks for it. */
async function python(): Promise<readonly string[] | string> {
  const lacks = await lacking("python3", "python3");
  if (lacks !== null) return lacks;
  const { code, output } = await runCommand("python3", ["-c", "import sys; print(sys.executable)"]);
  if (code !== 0) return `'python3' does not work here: ${output.trim()}`;
  return [output.trim(), "-c", "0"];
}
