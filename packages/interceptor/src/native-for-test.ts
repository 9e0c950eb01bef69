import { readdirSync } from "node:fs";
import { join } from "node:path";
import { builtC } from "../../../test/support/built-c.ts";

export const nativeFolder = join(import.meta.dirname, "../native");

/** The parts of the object that ask neither libc nor the kernel. */
const pure = ["address.c", "configuration.c", "dns.c", "rule-text.c", "rules.c", "text.c"];

const flags = [
  "-std=c11",
  "-D_GNU_SOURCE",
  "-g",
  "-O1",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-fsanitize=address,undefined",
  "-fno-sanitize-recover=all",
];

/** The object has its own, which are not to stand in for the sanitizer's. */
const renamed = ["-Dmemcpy=native_memcpy", "-Dmemset=native_memset"];

/** Builds these with the pure parts, so that an access out of bounds or an undefined operation ends the program. */
export function builtWithSanitizers(
  gcc: string,
  folder: string,
  sources: readonly string[],
): Promise<string> {
  const files = (at: string, suffix: string) =>
    readdirSync(at)
      .filter((name) => name.endsWith(suffix))
      .map((name) => join(at, name));
  return builtC({
    compiler: gcc,
    flags: [...flags, ...renamed],
    sources: [
      ...sources.map((name) => join(nativeFolder, folder, name)),
      ...pure.map((name) => join(nativeFolder, name)),
    ],
    headers: [...files(nativeFolder, ".h"), ...files(join(nativeFolder, folder), ".h")],
  });
}
