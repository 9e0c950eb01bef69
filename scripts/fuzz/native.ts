import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sourceFolder } from "../native-objects.ts";
import { runCommand, seconds } from "../run-command.ts";

/** The interceptor's parsers. */
export const nativeParsers = ["dns", "configuration"] as const;
const parts = ["text.c", "address.c", "rule-text.c", "rules.c", "configuration.c", "dns.c"];

export interface NativeFuzzing {
  readonly seconds: string;
  readonly seed: string;
  /** A folder for the inputs that break something. */
  readonly kept: string;
}

/** For each parser what went wrong, ready to print, or nothing; null where there is nothing to build them with. */
export async function fuzzNative(
  names: readonly (typeof nativeParsers)[number][],
  fuzzing: NativeFuzzing,
): Promise<readonly string[] | null> {
  const { code: hasClang } = await runCommand("clang", ["--version"]);
  if (hasClang !== 0) {
    console.log(
      "NOT RUN here: 'clang' is not installed (on Linux, apt-get install clang libclang-rt-14-dev)",
    );
    return null;
  }
  const folder = mkdtempSync(join(tmpdir(), "unplug-fuzz-"));
  try {
    return await Promise.all(names.map((name) => fuzz(name, folder, fuzzing)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What went wrong, ready to print; empty when nothing did. */
async function fuzz(
  name: (typeof nativeParsers)[number],
  folder: string,
  { seconds: limit, seed, kept }: NativeFuzzing,
): Promise<string> {
  const [program, found] = [join(folder, name), join(folder, `${name}-found`)];
  const broke = join(kept, `${name}-`);
  for (const made of [found, kept]) mkdirSync(made, { recursive: true });
  const built = await runCommand("clang", compilation(name, program), { cwd: sourceFolder });
  if (built.code !== 0) return `${name}: the fuzzer does not build:\n${built.output}`;
  const corpus = join("fuzz/corpus", name);
  const { code, output, ms } = await runCommand(
    program,
    [
      `-max_total_time=${limit}`,
      `-seed=${seed}`,
      `-dict=fuzz/${name}.dict`,
      `-artifact_prefix=${broke}`,
      "-print_final_stats=1",
      "-max_len=8192",
      "-timeout=10",
      found,
      corpus,
    ],
    { cwd: sourceFolder },
  );
  const [, covered = "?", features = "?"] = [...output.matchAll(/ cov: (\d+) ft: (\d+)/g)].at(-1) ?? [];
  const runs = /number_of_executed_units: (\d+)/.exec(output)?.[1] ?? "?";
  const size = readdirSync(join(sourceFolder, corpus)).length;
  console.log(
    `${name}: seed ${seed}, ${runs} runs in ${seconds(ms)}, coverage ${covered} (features ${features}), ` +
      `corpus ${size}, new ${readdirSync(found).length}`,
  );
  if (code === 0 && Number(runs) > size) return "";
  return `${name}: ended with exit code ${code} after ${runs} runs. An input that broke it is kept as ${broke}*.
${output.split("\n").slice(-60).join("\n")}`;
}

function compilation(name: string, program: string): string[] {
  return [
    "-std=c11",
    "-D_GNU_SOURCE",
    "-g",
    "-O2",
    "-fsanitize=fuzzer,address,undefined",
    "-fno-sanitize-recover=all",
    // The object has its own, which are not to stand in for the sanitizer's.
    "-Dmemcpy=native_memcpy",
    "-Dmemset=native_memset",
    `fuzz/${name}.c`,
    ...parts,
    "-o",
    program,
  ];
}
