// bench-zip-program.ts WAY FROM TO: adds two files to a zip in one of the ways, once, and prints how many milliseconds that
// took and the most memory that the process had, as JSON. Bundled before it is run, so that neither figure has types to strip.
import { createHash } from "node:crypto";
import { openAsBlob, readFileSync } from "node:fs";
import { copyFile, readFile, writeFile } from "node:fs/promises";

const ways: Readonly<Record<string, (from: string, to: string) => Promise<() => Promise<unknown>>>> = {
  nothing: async () => async () => undefined,
  copy: async (from, to) => () => copyFile(from, to),
  hash: async (from) => async () =>
    createHash("sha256")
      .update(await readFile(from))
      .digest("hex"),
  ours: async (from, to) => {
    const { appendToZipFile } = await import("../packages/unplug/src/zip/index.ts");
    const files = added.map(({ name, content }) => ({ name, content, mode: 0o755 }));
    return async () => {
      const made = await appendToZipFile({ from, to, folder: ".unplug/", files, sha256: "0".repeat(64) });
      if ("problem" in made) throw new Error(made.problem.text);
    };
  },
  "zip.js": async (from, to) => {
    const { BlobReader, BlobWriter, Uint8ArrayReader, ZipWriter } = await import("@zip.js/zip.js");
    return async () => {
      const blob = new BlobWriter();
      const zip = new ZipWriter(blob);
      await zip.appendZip(new BlobReader(await openAsBlob(from)));
      for (const { name, content } of added) await zip.add(name, new Uint8ArrayReader(content));
      await writeFile(to, (await zip.close()).stream());
    };
  },
};

const added = [
  { name: ".unplug/wrapper", content: Buffer.from('#!/bin/sh\nexec "$@"\n') },
  { name: ".unplug/interceptor.so", content: Buffer.alloc(20_000, "an object of that length ") },
];

const [way = "", from = "", to = ""] = process.argv.slice(2);
const prepared = await ways[way]?.(from, to);
if (prepared === undefined) throw new Error(`no such way: ${way}`);
const started = performance.now();
await prepared();
const ms = performance.now() - started;
console.log(JSON.stringify({ ms, mib: mostMemory() }));

/** In MiB. On Linux, `maxRSS` begins with what the process had that started this one. */
function mostMemory(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS / 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
}
