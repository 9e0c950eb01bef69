import { execFileSync, spawnSync } from "node:child_process";
import { createCipheriv } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { needs } from "../../../test/support/needs.ts";
import { seed } from "../../../test/support/seed.ts";
import { addressBytes, masked } from "./address.ts";
import { builtWithSanitizers, nativeFolder } from "./native-for-test.ts";
import { parseTarget, type Target } from "./target.ts";

const gcc = needs("gcc");
const sources = readdirSync(join(nativeFolder, "test")).filter((name) => name.endsWith(".c"));
const units = (path: string) => builtWithSanitizers(path, "test", [...sources, "../fuse.c"]);

describe("the parts of the object agree with libc and with plain code, under sanitizers:", () => {
  for (const part of [
    "text",
    "address",
    "rule-text",
    "rules",
    "configuration",
    "dns",
    "fuse",
    "fuse-put-on",
    "fuse-from",
    "fuse-never",
  ]) {
    gcc.test(
      part,
      async (path) => {
        const { status, stderr } = spawnSync(await units(path), [part, String(seed)], {
          encoding: "utf8",
          timeout: 100_000,
        });

        expect(stderr, `with seed ${seed}`).toMatch(/^\d+ checks\n$/);
        expect(status).toBe(0);
      },
      120_000,
    );
  }
});

describe("the corpus of the fuzzers breaks nothing, under sanitizers:", () => {
  for (const part of ["dns", "configuration"]) {
    gcc.test(
      part,
      async (path) => {
        const corpus = join(nativeFolder, "fuzz/corpus", part);
        const files = readdirSync(corpus).map((name) => join(corpus, name));
        const replay = await builtWithSanitizers(path, "fuzz", [`${part}.c`, "replay.c"]);
        const { status, stderr } = spawnSync(replay, files, { encoding: "utf8", timeout: 100_000 });

        expect(stderr.trimEnd().split("\n")).toEqual(files);
        expect(status).toBe(0);
      },
      120_000,
    );
  }
});

/** What the object is to make of a target, as native/test says it. */
function asRead({ kind, host, port }: Target): string {
  if (kind === "name") return `name ${port ?? 0} ${host}`;
  if (kind === "suffix") return `suffix ${port ?? 0} ${host.slice(2)}`;
  const [address = "", length] = host.split("/");
  const bytes = addressBytes(address) ?? new Uint8Array();
  const bits = length === undefined ? 8 * bytes.length : Number(length);
  const mapped = bytes.length === 4 ? [...Buffer.alloc(10), 255, 255, ...bytes] : bytes;
  const hex = Buffer.from(masked(Uint8Array.from(mapped), 128)).toString("hex");
  return `range ${port ?? 0} ${hex}/${bits + 8 * (16 - bytes.length)}`;
}

const parts = (
  "db Internal *. * . .. 10.0.0.5 10.0.0.0 255.255.255.255 010.0.0.1 1.2.3 /8 /32 /33 /0 /128 :443 :0 :65535 :65536 " +
  ": [ ] :: ::1 2001:db8 ::ffff: 0 1 f x _ - a1 %lo 0x10 example.com /"
).split(" ");

/** So many bytes that mean nothing, the same ones for the same seed. */
function dice(count: number): Buffer {
  const begin = Buffer.alloc(16);
  begin.writeDoubleLE(seed);
  return createCipheriv("aes-128-ctr", Buffer.alloc(16), begin).update(Buffer.alloc(count));
}

gcc.test(
  "both readers of targets, this one and the object's, read the same",
  async (path) => {
    const bytes = dice(120_000);
    const texts = new Set<string>();
    for (let at = 0; at + 6 < bytes.length; at += 6) {
      const count = 1 + ((bytes[at] ?? 0) % 5);
      const chosen = [...bytes.subarray(at + 1, at + 1 + count)].map(
        (byte) => parts[byte % parts.length] ?? "",
      );
      texts.add(chosen.join(""));
    }
    const all = [...texts];
    const said = execFileSync(await units(path), ["read-targets"], {
      timeout: 100_000,
      input: `${all.join("\n")}\n`,
      encoding: "utf8",
    });
    const lines = said.trimEnd().split("\n");
    const differing = all.flatMap((text, index) => {
      const parsed = parseTarget(text);
      // What is refused here never gets to the object, which needs not be as strict.
      if (!("target" in parsed)) return [];
      // The object is handed the canonical text; whatever was typed is at most a spelling of it.
      const expected = asRead(parsed.target);
      return lines[index] === expected ? [] : [`${text}: ${lines[index]}, expected ${expected}`];
    });
    expect(lines).toHaveLength(all.length);
    expect(differing, `with seed ${seed}`).toEqual([]);
  },
  120_000,
);
