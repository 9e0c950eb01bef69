import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { zipOf } from "../packages/sandbox/src/index.ts";
import { withInterceptor } from "../packages/unplug/src/carriers/code-part.ts";
import { type Measured, median } from "./measured.ts";
import { root } from "./run-command.ts";

const runs = 7;
/** A real program in Go that npm brings: 11 MB. */
const program = "node_modules/@esbuild/linux-x64/bin/esbuild";
const how = { architecture: "x86_64", runtime: "provided.al2023", handler: "", bucket: null } as const;

/**
 * What it takes to patch a Go program in its zip, to take the zip back and to compare both, by what zlib takes to deflate the program
 * once; and by how much the zip grows.
 */
export async function benchPatchZip(): Promise<Measured> {
  const [share, growth] = ["of what deflating it takes", "KB that its zip grows by"];
  if (process.arch !== "x64") {
    const none = "this is measured on x86-64 alone";
    return { says: [], figures: { [share]: none, [growth]: none } };
  }
  const bootstrap = readFileSync(join(root, program));
  const zip = await zipOf({ bootstrap });
  const [ours, zlib]: [number[], number[]] = [[], []];
  let grown = 0;
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    deflateRawSync(bootstrap);
    const between = performance.now();
    const made = await withInterceptor(zip, how);
    if ("problem" in made) throw new Error(`${program}: ${made.problem}`);
    zlib.push(between - started);
    ours.push(performance.now() - between);
    grown = (made.zip.length - zip.length) / 1000;
  }
  const figures = { [share]: median(ours) / median(zlib), [growth]: grown };
  return {
    says: [
      `${median(ours).toFixed(0)} ms (${Math.min(...ours).toFixed(0)} to ${Math.max(...ours).toFixed(0)}), ${median(zlib).toFixed(0)} ms to deflate the program`,
      `${growth}: ${grown.toFixed(0)}, to ${(zip.length / 1000).toFixed(0)}`,
    ],
    figures,
  };
}
