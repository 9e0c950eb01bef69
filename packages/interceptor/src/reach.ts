import type { Architecture } from "./architecture.ts";
import type { Program } from "./program.ts";

/** Whether the interceptor works inside a program; `because` is a clause for people. */
export type Reach = { readonly reached: true } | { readonly reached: false; readonly because: string };

/**
 * Whether the interceptor for `architecture` works inside a program. A script is as reachable as what runs it: it is said to be
 * reached, and its interpreter has to be asked about by itself.
 */
export function reachOf(program: Program, architecture: Architecture): Reach {
  const because = obstacle(program, architecture);
  return because === null ? { reached: true } : { reached: false, because };
}

function obstacle(program: Program, architecture: Architecture): string | null {
  if (program.kind === "other") return `it is ${program.what}`;
  if (program.kind === "script") return null;
  if (program.architecture !== architecture) return wrongArchitecture(program.architecture, architecture);
  if (program.go) return "it holds Go code, which makes its system calls without libc";
  if (program.linkage === "static")
    return "it is linked statically, and only a dynamic linker loads the interceptor";
  if (program.libc === "other") {
    return `its dynamic linker, ${program.interpreter}, is neither glibc's nor musl's`;
  }
  return null;
}

function wrongArchitecture(built: Architecture | "other", architecture: Architecture): string {
  const is = built === "other" ? "for neither x86_64 nor arm64 (64 bits, little-endian)" : `for ${built}`;
  return `it is built ${is}, and the interceptor here is for ${architecture}`;
}
