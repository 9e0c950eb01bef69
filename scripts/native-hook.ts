import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Architecture } from "../packages/interceptor/src/index.ts";
import { compilers, compiling, sources } from "./native-objects.ts";
import { runCommand } from "./run-command.ts";

/** What in the interceptor's folder is about libc, which a program with the hook in it may not have. */
const ofThePreload = ["hooks-connect.c", "hooks-names.c", "hooks-receive.c", "next.c", "told.c"];

/** Optimisations that make these blobs larger; found by leaving out one after the other. */
const smaller = [
  "move-loop-invariants",
  "tree-forwprop",
  "tree-loop-im",
  "shrink-wrap",
  "caller-saves",
  "schedule-insns2",
  "tree-tail-merge",
  "tree-ccp",
  "tree-copy-prop",
  "inline-small-functions",
  "tree-loop-optimize",
  "tree-dse",
  "lra-remat",
  "ipa-modref",
  "bit-tests",
  "tree-sra",
  "expensive-optimizations",
];

const flags = [
  ...compiling,
  "-Oz",
  ...smaller.map((optimisation) => `-fno-${optimisation}`),
  ...["conserve-stack", "web", "split-wide-types-early"].map((optimisation) => `-f${optimisation}`),
  "-fdata-sections",
  "-DSMALL", // rules.c
  // The kernel keeps them, and so must what stands in its place.
  "-mgeneral-regs-only",
];

const machines: Readonly<
  Record<Architecture, { readonly flags: readonly string[]; readonly linker: readonly string[] }>
> = {
  x86_64: { flags: ["-malign-data=abi"], linker: ["--defsym=machine=62", "--defsym=page=4096"] },
  // In a signal handler, Go takes its goroutine from x28, wherever the signal came.
  arm64: {
    flags: ["-ffixed-x18", "-ffixed-x28"],
    linker: ["--defsym=machine=183", "--defsym=page=65536"],
  },
};

/** As a shared object, since its linker says what would have to be relocated; hook.ld refuses that. */
const linking = [
  "-nostdlib",
  "-shared",
  ...["-Bsymbolic", "--gc-sections", "--build-id=none", "-z,noexecstack", "-e,entry", "-T,go/hook.ld"].map(
    (option) => `-Wl,${option}`,
  ),
];

/** The C files and the entry, in an order that does not depend on the machine. */
export function hookSources(from: string, architecture: Architecture): string[] {
  const own = readdirSync(join(from, "go")).filter((name) => name.endsWith(".c"));
  return [
    ...sources(from).filter((name) => !ofThePreload.includes(name)),
    ...own.toSorted().map((name) => `go/${name}`),
    `go/entry-${architecture}.S`,
  ];
}

/**
 * Builds the hook that is put into Go programs, of the sources in `from`, to the path `to`, and beside it `to`.elf, the object that
 * it was cut out of. `more` are further flags of the compiler. Throws with what the compiler or the linker said.
 */
export async function buildHook(
  architecture: Architecture,
  from: string,
  to: string,
  more: readonly string[] = [],
): Promise<void> {
  const { command, flags: general } = compilers[architecture];
  const { flags: own, linker } = machines[architecture];
  const args = [...flags, ...general, ...own, ...more, ...hookSources(from, architecture), ...linking];
  const all = [...args, ...linker.map((option) => `-Wl,${option}`), "-o", `${to}.elf`];
  const { code, output } = await runCommand(command, all, { cwd: from });
  if (code !== 0) throw new Error(`The hook for ${architecture} does not build in ${from}:\n${output}`);
  writeFileSync(to, blobIn(readFileSync(`${to}.elf`)));
}

/** The bytes of the segment that begins as a blob does, less what the linker has put behind it. Source: elf(5). */
function blobIn(object: Buffer): Buffer {
  const [from, count] = [Number(object.readBigUInt64LE(0x20)), object.readUInt16LE(0x38)];
  for (let index = 0; index < count; index++) {
    const start = Number(object.readBigUInt64LE(from + index * 56 + 8));
    if (object.toString("latin1", start, start + 8) !== "UNPLUGH1") continue;
    return object.subarray(start, start + object.readUInt32LE(start + 12));
  }
  throw new Error("The linked hook has no segment that begins with its head: look at go/hook.ld.");
}
