// bench-image-program.ts WAY REGISTRY REPOSITORY OBJECT: adds the interceptor to an image in one of the ways, once, and prints how many
// milliseconds that took and the most memory that the process had, as JSON. Bundled before it is run, so that neither figure has
// types to strip.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  configWith,
  findInLayer,
  makeLayer,
  manifestWith,
  readConfig,
  readManifest,
  startedProgram,
} from "../packages/unplug/src/image/index.ts";
import { openRegistry, type Registry } from "../packages/unplug/src/registry/index.ts";

const [way = "", url = "", repository = "", object = ""] = process.argv.slice(2);

const started = performance.now();
const read = way === "nothing" ? 0 : await patch(openRegistry(url, null), way);
console.log(JSON.stringify({ ms: performance.now() - started, mib: mostMemory(), read }));

/** As the image carrier does it, from the manifest to the new tag; gives how many layers were read. */
async function patch(registry: Registry, tag: string): Promise<number> {
  const { bytes, mediaType } = await registry.manifest(repository, tag);
  const { config, layers } = readManifest(bytes, mediaType);
  const configBytes = await registry.smallBlob({ repository, ...config });
  const found = new Set<number>();
  const program = await startedProgram(
    readConfig(configBytes),
    {},
    {
      layers: layers.length,
      read: (layer, paths) => {
        found.add(layer);
        const name = { repository, digest: layers[layer]?.digest ?? "" };
        return registry.streamBlob(name, (chunks) => findInLayer(chunks, paths));
      },
      interpreterOf: () => null,
    },
  );
  if (!("chain" in program)) throw new Error(program.because);
  const added = makeLayer([
    { path: "/opt/unplug/interceptor.so", mode: 0o755, content: readFileSync(object) },
  ]);
  const newConfig = configWith(configBytes, { diffId: added.diffId, createdBy: "unplug" });
  for (const body of [added.bytes, newConfig]) {
    await registry.putBlob({ repository, digest: sha256(body), size: body.length, open: () => [body] });
  }
  const manifest = manifestWith(bytes, mediaType, {
    config: { digest: sha256(newConfig), size: newConfig.length },
    layer: { digest: added.digest, size: added.bytes.length },
  });
  await registry.putManifest({ repository, reference: `unplug-${tag}`, bytes: manifest, mediaType });
  return found.size;
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** In MiB. On Linux, `maxRSS` begins with what the process had that started this one. */
function mostMemory(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS / 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
}
