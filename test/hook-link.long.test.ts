import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect } from "vitest";
import { type Architecture, architectures } from "../packages/interceptor/src/architecture.ts";
import { parseGoHook } from "../packages/interceptor/src/go-hook.ts";
import { buildHook } from "../scripts/native-hook.ts";
import { sourceFolder } from "../scripts/native-objects.ts";
import { instructionsOf, mostStack } from "./support/hook-code.ts";
import { needs } from "./support/needs.ts";

const folder = mkdtempSync(join(tmpdir(), "unplug-hook-"));
const compilers = { x86_64: needs("gcc"), arm64: needs("arm64-gcc") };
/** Of binutils, and for any architecture. */
const elfReader = "readelf";
/** native/go/hook.h */
const slotBytes = 32_768;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function built(architecture: Architecture, name: string, first: string): Promise<string> {
  const path = join(folder, `${name}-${architecture}`);
  await buildHook(architecture, sourceFolder, path, [`-DHOOK_FIRST=${first}`]);
  return path;
}

describe.each(architectures)("the hook for %s", (architecture) => {
  compilers[architecture].test(
    "does not link when something in it would have to be relocated",
    async () => {
      const pointer = "static void *volatile own = (void *)&hook; (void)own;";
      const variable = "static volatile int one = 1; (void)one;";

      await expect(built(architecture, "pointer", pointer)).rejects.toThrow("to be relocated");
      await expect(built(architecture, "variable", variable)).rejects.toThrow("not zero at first");
    },
    240_000,
  );

  compilers[architecture].test(
    "takes less stack than half of a slot, in the deepest of its calls",
    async () => {
      const path = await built(architecture, "as it is", "");
      const code = instructionsOf(path, architecture, parseGoHook(readFileSync(path), architecture).entry);
      const { start, functions } = functionsOf(path);

      const most = mostStack(code, architecture, { start, functions });
      expect(most).toBeGreaterThan(1024);
      expect(most).toBeLessThan(slotBytes / 2);
    },
  );
});

/** Where `hook` and all other functions are in the blob, as the object says that it was cut out of. */
function functionsOf(path: string): { readonly start: number; readonly functions: readonly number[] } {
  const symbols = execFileSync(elfReader, ["-sW", `${path}.elf`], {
    timeout: 60_000,
    encoding: "utf8",
    stdio: "pipe",
  })
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const addressOf = (name: string) =>
    Number.parseInt(symbols.find((words) => words[7] === name)?.[1] ?? "", 16);
  const blob = addressOf("blob");
  const functions = symbols
    .filter((words) => words[3] === "FUNC")
    .map((words) => Number.parseInt(words[1] ?? "", 16) - blob);
  return { start: addressOf("hook") - blob, functions };
}
