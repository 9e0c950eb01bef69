import type { Architecture } from "./architecture.ts";
import { type ByteSource, sourceOf, withFile } from "./byte-source.ts";
import { type Elf, readElf } from "./elf.ts";
import { type GoLibc, goLibc } from "./go-libc.ts";
import { isGo } from "./go-marks.ts";
import { goVersion } from "./go-version.ts";
import { readShebang, shebangBytes } from "./shebang.ts";

/** What of a Go program says how its system calls are met. */
export interface GoProgram extends GoLibc {
  /** As Go says it: "go1.22.3"; null where the program does not say. */
  readonly version: string | null;
}

/** What a file is to the system that is asked to start it. */
export type Program =
  | {
      readonly kind: "elf";
      /** "other" also for 32 bits and for big-endian. */
      readonly architecture: Architecture | "other";
      /** A program that no dynamic linker loads is static, also a position-independent one. */
      readonly linkage: "dynamic" | "static";
      /** By the name of the dynamic linker; none for a static program. */
      readonly libc: "glibc" | "musl" | "none" | "other";
      /** The dynamic linker; null for a static program. */
      readonly interpreter: string | null;
      /** Null for a program without Go code. */
      readonly go: GoProgram | null;
    }
  | {
      readonly kind: "script";
      /** A path; or a name that is looked up in PATH, after `#!/usr/bin/env NAME`. */
      readonly interpreter: string;
      /** What comes between the interpreter and the script, in one piece; null for nothing. */
      readonly argument: string | null;
    }
  /** `what` is to be read after "it is". */
  | { readonly kind: "other"; readonly what: string };

/** PATH_MAX: Linux takes no longer name of a dynamic linker. */
const maxInterpreterBytes = 4096;

/** Says what a file is. Never throws: what is broken or unknown is "other". */
export function readProgram(bytes: Uint8Array): Program {
  return programIn(sourceOf(bytes));
}

/** As `readProgram`, without reading all of a large file. Throws what the system says when the file cannot be read. */
export function readProgramFile(path: string): Program {
  return withFile(path, programIn);
}

function programIn(source: ByteSource): Program {
  if (source.size === 0) return { kind: "other", what: "an empty file" };
  const elf = readElf(source);
  if (typeof elf === "string") return { kind: "other", what: elf };
  return elf === null ? unlessElf(source) : elfProgram(source, elf);
}

function unlessElf(source: ByteSource): Program {
  const bytes = source.at(0, Math.min(source.size, shebangBytes)) ?? Buffer.alloc(0);
  const shebang = readShebang(bytes);
  if (shebang !== null) return { kind: "script", ...shebang };
  if (bytes.toString("latin1", 0, 2) === "MZ") return { kind: "other", what: "a program for Windows" };
  if (/^(fe|ce|cf)(ed|fa)(fa|ed)(ce|cf|fe)$/.test(bytes.toString("hex", 0, 4))) {
    return { kind: "other", what: "a program for macOS" };
  }
  return {
    kind: "other",
    what: "neither an ELF program nor a script that begins with #! and its interpreter",
  };
}

function elfProgram(source: ByteSource, elf: Elf): Program {
  const what = unlessProgram(elf);
  if (what !== null) return { kind: "other", what };
  const interpreter = interpreterOf(source, elf);
  if (interpreter === "") return { kind: "other", what: "a damaged ELF file" };
  return {
    kind: "elf",
    architecture: architectureIn(elf),
    linkage: interpreter === null ? "static" : "dynamic",
    libc: libcOf(interpreter),
    interpreter,
    go: isGo(source, elf) ? { version: goVersion(source, elf), ...goLibc(source, elf) } : null,
  };
}

function unlessProgram({ type, entry, segments }: Elf): string | null {
  if (type === 1) return "an object file, which is not linked yet";
  if (type === 4) return "a core dump";
  if (type !== 2 && type !== 3) return "an ELF file of an unknown type";
  if (!segments.some((segment) => segment.type === 1)) return "a damaged ELF file";
  return type === 3 && entry === 0 ? "a shared library" : null;
}

/** The dynamic linker, null when there is none, "" when its name cannot be read. */
function interpreterOf(source: ByteSource, { segments }: Elf): string | null {
  const segment = segments.find(({ type }) => type === 3);
  if (segment === undefined) return null;
  if (segment.size > maxInterpreterBytes) return "";
  const text = source.at(segment.offset, segment.size)?.toString("utf8") ?? "";
  return text.endsWith("\0") ? (text.split("\0", 1)[0] ?? "") : "";
}

function architectureIn({ machine, bits, littleEndian }: Elf): Architecture | "other" {
  if (bits !== 64 || !littleEndian) return "other";
  if (machine === 62) return "x86_64";
  return machine === 183 ? "arm64" : "other";
}

function libcOf(interpreter: string | null): "glibc" | "musl" | "none" | "other" {
  if (interpreter === null) return "none";
  const name = interpreter.split("/").at(-1) ?? "";
  if (name.startsWith("ld-musl-")) return "musl";
  return /^(ld-linux[-.]|ld64\.so\.|ld\.so\.|ld-2\.)/.test(name) ? "glibc" : "other";
}
