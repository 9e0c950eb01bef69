import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Architecture, architectures } from "../packages/interceptor/src/architecture.ts";
import { goHookFor, parseGoHook } from "../packages/interceptor/src/go-hook.ts";
import { buildHook } from "../scripts/native-hook.ts";
import { sourceFolder } from "../scripts/native-objects.ts";
import { instructionsOf, misusesIn } from "./support/hook-code.ts";
import { needs } from "./support/needs.ts";

const folder = mkdtempSync(join(tmpdir(), "unplug-hook-"));
const compilers = { x86_64: needs("gcc"), arm64: needs("arm64-gcc") };
const prebuilt = join(import.meta.dirname, "../packages/interceptor/prebuilt");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function built(architecture: Architecture, name: string, first: string): Promise<string> {
  const path = join(folder, `${name}-${architecture}`);
  await buildHook(architecture, sourceFolder, path, [`-DHOOK_FIRST=${first}`]);
  return path;
}

function codeOf(path: string, architecture: Architecture) {
  return instructionsOf(path, architecture, parseGoHook(readFileSync(path), architecture).entry);
}

/** What breaks a rule in one instruction. */
const breaches: Readonly<Record<Architecture, readonly string[]>> = {
  x86_64: ["pxor %xmm3, %xmm3", "movd %eax, %mm1", "fldz", "vpxor %ymm1, %ymm1, %ymm1"],
  arm64: ["mov x28, x0", "add w18, w0, w1", "eor v0.16b, v0.16b, v0.16b", "fmov d9, x0", "ldr q3, [sp]"],
};

describe.each(architectures)("the hook for %s", (architecture) => {
  test("is as large as its C needs it to be, and its variables take at most 2 MB", () => {
    const { bytes, memory } = goHookFor(architecture);

    expect(bytes.length).toBeLessThanOrEqual(architecture === "x86_64" ? 11_500 : 12_100);
    expect(memory).toBeLessThanOrEqual(2_000_000);
  });

  compilers[architecture].test("uses general registers only, and none of those that are others'", () => {
    const code = codeOf(join(prebuilt, `go-${architecture}.bin`), architecture);

    expect(code.length).toBeGreaterThan(2000);
    expect(misusesIn(code, architecture)).toEqual([]);
  });

  compilers[architecture].test(
    "is found out when it uses another",
    async () => {
      const all = breaches[architecture];
      const path = await built(architecture, "breach", `__asm__ volatile("${all.join(";")}");`);

      expect(misusesIn(codeOf(path, architecture), architecture)).toHaveLength(all.length);
    },
    120_000,
  );
});
