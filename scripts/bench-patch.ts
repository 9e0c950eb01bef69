import { readFileSync } from "node:fs";
import { join } from "node:path";
import { patchGo } from "../packages/interceptor/src/index.ts";
import { type Measured, median } from "./measured.ts";
import { root } from "./run-command.ts";

const runs = 21;
/** A real program in Go that npm brings: 11 MB. */
const program = "node_modules/@esbuild/linux-x64/bin/esbuild";

/** What it takes to patch a Go program and to read it again, from bytes to bytes. */
export async function benchPatch(): Promise<Measured> {
  const figure = "ms for 10 MB";
  if (process.arch !== "x64") return { says: [], figures: { [figure]: "this is measured on x86-64 alone" } };
  const bytes = readFileSync(join(root, program));
  const times = Array.from({ length: runs }, () => {
    const started = performance.now();
    const made = patchGo(bytes, "x86_64");
    if ("problem" in made) throw new Error(`${program}: ${made.problem}`);
    return ((performance.now() - started) * 10_000_000) / bytes.length;
  });
  const said = `${median(times).toFixed(1)} (${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)})`;
  return { says: [`${figure}: ${said}`], figures: { [figure]: median(times) } };
}
