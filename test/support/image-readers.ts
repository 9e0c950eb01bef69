import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { sha256Of } from "./image-builder.ts";
import { needs } from "./needs.ts";

/** What programs that share nothing with ours read of an image in a registry. */
export interface ReadImage {
  /** Of the manifest. */
  readonly digest: string;
  /** Their digests, the lowest one first. */
  readonly layers: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
  /** Digests of all plain files, by their paths, once it is unpacked. */
  readonly files: Readonly<Record<string, string>>;
}

/** What they have read so far, by name; and what they would have, were they here. */
export const readings = { asked: new Set<string>(), done: new Set<string>() };

/** Null: skopeo or umoci is not on this machine, of which a test of its own tells. `name`: `HOST:PORT/REPOSITORY@DIGEST`, or with a tag. */
export async function readByOthers(name: string): Promise<ReadImage | null> {
  const [skopeo, umoci] = [needs("skopeo").path, needs("umoci").path];
  readings.asked.add(name);
  if (skopeo === null || umoci === null) return null;
  const run = async (program: string, ...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)(program, args, { timeout: 60_000 })).stdout;
  const inspect = (...args: readonly string[]): Promise<string> =>
    run(skopeo, "inspect", "--tls-verify=false", ...args, `docker://${name}`);
  const folder = mkdtempSync(join(tmpdir(), "unplug-read-"));
  try {
    const raw = await inspect("--raw");
    const { Layers: layers } = JSON.parse(await inspect());
    const config = JSON.parse(await inspect("--config", "--raw"));
    const into = `${folder}/oci:x`;
    await run(
      skopeo,
      "copy",
      "--src-tls-verify=false",
      "--insecure-policy",
      `docker://${name}`,
      `oci:${into}`,
    );
    await run(umoci, "unpack", "--rootless", "--image", into, join(folder, "out"));
    readings.done.add(name);
    return { digest: sha256Of(Buffer.from(raw)), layers, config, files: filesIn(join(folder, "out/rootfs")) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function filesIn(root: string): Readonly<Record<string, string>> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(files.map((path) => [relative(root, path), sha256Of(readFileSync(path))]));
}
