import type { Architecture } from "./architecture.ts";
import { goRelease } from "./go-version.ts";
import type { GoProgram, Program } from "./program.ts";

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
  if (program.go !== null) return "it holds Go code, which makes its system calls without libc";
  if (program.linkage === "static")
    return "it is linked statically, and only a dynamic linker loads the interceptor";
  if (program.libc === "other") {
    return `its dynamic linker, ${program.interpreter}, is neither glibc's nor musl's`;
  }
  return null;
}

/** The ways into a program: what is preloaded meets libc's calls, what is patched in meets Go's own. */
export type Tier =
  | { readonly by: "preload" }
  /** Of a program with cgo, "both": C libraries make calls of their own. */
  | { readonly by: "patch" | "both"; readonly go: GoProgram }
  | { readonly by: "none"; readonly because: string };

/** Go's release from which on all system calls are made in one place. */
const firstRelease = 19;

/** By which way the connects of a program are met. Of a script as of `reachOf`: its interpreter has to be asked about by itself. */
export function tierOf(program: Program, architecture: Architecture): Tier {
  const go = program.kind === "elf" && program.architecture === architecture ? program.go : null;
  if (go === null) {
    const reach = reachOf(program, architecture);
    return reach.reached ? { by: "preload" } : { by: "none", because: reach.because };
  }
  // One that does not say may be any: what is patched has to be found in it all the same.
  const release = go.version === null ? firstRelease : (goRelease(go.version) ?? 0);
  if (release < firstRelease) {
    return {
      by: "none",
      because: `it was built with ${go.version}, and Go 1.19 is the first that can be patched`,
    };
  }
  return { by: go.cgo === "dynamic" ? "both" : "patch", go };
}

function wrongArchitecture(built: Architecture | "other", architecture: Architecture): string {
  const is = built === "other" ? "for neither x86_64 nor arm64 (64 bits, little-endian)" : `for ${built}`;
  return `it is built ${is}, and the interceptor here is for ${architecture}`;
}
