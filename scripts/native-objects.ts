import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Architecture, architectures } from "../packages/interceptor/src/index.ts";
import { root, runCommand } from "./run-command.ts";

export const sourceFolder = join(root, "packages/interceptor/native");
export const objectFolder = join(root, "packages/interceptor/prebuilt");

interface Compiler {
  readonly command: string;
  readonly flags: readonly string[];
  readonly howToGet: string;
}

/** Debian 12's: another version of either makes other bytes of the same source. */
const pinned = { gcc: "12.2.0", ld: "2.40" };

export const compilers: Readonly<Record<Architecture, Compiler>> = {
  x86_64: { command: "gcc", flags: ["-fcf-protection=none"], howToGet: "gcc libc6-dev" },
  arm64: {
    command: "aarch64-linux-gnu-gcc",
    // libgcc's atomics would be undefined symbols.
    flags: ["-mno-outline-atomics", "-mcmodel=tiny", "-fomit-frame-pointer"],
    howToGet: "gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
  },
};

/** How the source is meant, for whatever reads it. */
export const language: readonly string[] = ["-std=c11", "-D_GNU_SOURCE", "-ffreestanding", "-fno-builtin"];

const warnings = ["all", "extra", "error", "shadow", "strict-prototypes", "conversion", "no-sign-conversion"];

/** Optimisations that make these objects larger; found by leaving out one after the other. */
const smaller = [
  "plt",
  "tree-pre",
  "tree-loop-im",
  "schedule-insns2",
  "caller-saves",
  "expensive-optimizations",
  "move-loop-invariants",
  "code-hoisting",
  "shrink-wrap",
  "partial-inlining",
  "inline-small-functions",
  "tree-ccp",
  "tree-dse",
  "ipa-modref",
  "bit-tests",
  "tree-forwprop",
  "forward-propagate",
  "tree-ch",
  "ipa-sra",
];

/** What holds for whatever is built of the C files, however it is optimised. */
export const compiling: readonly string[] = [
  ...language,
  ...warnings.map((warning) => `-W${warning}`),
  "-flto",
  "-fno-jump-tables",
  "-fPIC",
  "-fvisibility=hidden",
  "-ffunction-sections",
  "-fno-strict-aliasing",
  "-fno-ident",
  // What they would bring in: __stack_chk_fail, memcpy and memset, tables for unwinding.
  "-fno-stack-protector",
  "-fno-tree-loop-distribute-patterns",
  "-fno-unwind-tables",
  "-fno-asynchronous-unwind-tables",
];

const objectLinkerOptions = ["--hash-style=gnu", "--gc-sections", "--build-id=none", "-s"];
const linkerKeywords = [
  "now",
  "norelro",
  "noseparate-code",
  "noexecstack",
  // arm64 has kernels with pages of 64 KiB.
  "max-page-size=65536",
  "common-page-size=16",
];
const linking = [
  "-nostdlib",
  "-shared",
  ...objectLinkerOptions.map((option) => `-Wl,${option}`),
  ...linkerKeywords.map((keyword) => `-Wl,-z,${keyword}`),
];

/** Names of C files, in an order that does not depend on the machine. */
export function sources(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".c"))
    .toSorted();
}

/** Builds the object of all C files in `from` to the path `to`. Throws with what the compiler said. */
export async function buildObject(architecture: Architecture, from: string, to: string): Promise<void> {
  const { command, flags: own } = compilers[architecture];
  const optimised = ["-Os", ...smaller.map((optimisation) => `-fno-${optimisation}`), "-fconserve-stack"];
  const args = [...compiling, ...optimised, ...own, ...sources(from), ...linking, "-o", to];
  // Relative names, since absolute ones could get into the object.
  const { code, output } = await runCommand(command, args, { cwd: from });
  if (code !== 0)
    throw new Error(`The interceptor for ${architecture} does not build in ${from}:\n${output}`);
  writeFileSync(to, withoutSections(readFileSync(to)));
}

/** A 64-bit little-endian object less its table of sections, which no dynamic linker reads: it is not small. Source: elf(5). */
function withoutSections(object: Buffer): Buffer {
  const [from, size, count] = [
    Number(object.readBigUInt64LE(0x20)),
    object.readUInt16LE(0x36),
    object.readUInt16LE(0x38),
  ];
  const ends = Array.from({ length: count }, (_, i) => {
    const segment = from + i * size;
    return Number(object.readBigUInt64LE(segment + 0x08) + object.readBigUInt64LE(segment + 0x20));
  });
  const loaded = Buffer.from(object.subarray(0, Math.max(...ends)));
  loaded.fill(0, 0x28, 0x30);
  return loaded.fill(0, 0x3c, 0x40);
}

/** Why the committed bytes cannot be made on this machine; null when they can. */
export async function lackingCompiler(): Promise<string | null> {
  for (const architecture of architectures) {
    const { command, howToGet } = compilers[architecture];
    const linker = (await runCommand(command, ["-print-prog-name=ld"])).output.trim();
    const found = {
      gcc: await version(command, /^\S+ \(Debian \S+\) ([\d.]+)$/m),
      ld: await version(linker, /^GNU ld .* ([\d.]+)$/m),
    };
    if (found.gcc === pinned.gcc && found.ld === pinned.ld) continue;
    const expected = `Debian's gcc ${pinned.gcc} and binutils ${pinned.ld}`;
    return `'${command}' is ${found.gcc ?? "no gcc of Debian"}, its ld ${found.ld ?? "not GNU's"}; expected ${expected} (Debian 12: apt-get install ${howToGet})`;
  }
  return null;
}

async function version(command: string, line: RegExp): Promise<string | null> {
  const { code, output } = await runCommand(command, ["--version"], { env: { ...process.env, LC_ALL: "C" } });
  return code === 0 ? (line.exec(output)?.[1] ?? null) : null;
}
