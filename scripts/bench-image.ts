import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { build } from "esbuild";
import { interp, makeElf } from "../packages/interceptor/src/elf-for-test.ts";
import { makeLayer } from "../packages/unplug/src/image/index.ts";
import { openRegistry, type Registry } from "../packages/unplug/src/registry/index.ts";
import { startDockerRegistry } from "../test/support/docker-registry.ts";
import { lacking } from "./bench-program.ts";
import { type Measured, median } from "./measured.ts";
import { root, runCommand } from "./run-command.ts";

const rounds = 9;
const repository = "bench";
const largeBytes = 1_000_000_000;

interface Taken {
  readonly ms: number;
  /** The most that the process had. */
  readonly mib: number;
  /** How many layers were read. */
  readonly read: number;
}

/**
 * The interceptor added to an image of 1 GB in a registry on this machine, each time by a process that has just begun, from its tag
 * to the new one: where the entrypoint is above the large layer, which is then not read, and where it is below, so that it must be.
 */
export async function benchImage(): Promise<Measured> {
  const lacks = await lacking("docker-registry", "docker-registry");
  if (lacks !== null) return { says: [], figures: { ms: lacks, "MiB over bare Node.js": lacks } };
  const folder = mkdtempSync(join(tmpdir(), "unplug-bench-"));
  const registry = await startDockerRegistry("docker-registry");
  try {
    const client = openRegistry(registry.url, null, { totalMs: 600_000 });
    await pushImages(client);
    const program = await bundle(folder);
    const once = async (way: string): Promise<Taken> => {
      const words = [program, way, registry.url, repository];
      const { code, output } = await runCommand(process.execPath, words);
      if (code !== 0) throw new Error(`${way} ended with ${code}:\n${output}`);
      return JSON.parse(output);
    };
    const bare: Taken[] = [];
    const ours: Taken[] = [];
    for (let round = 0; round < rounds; round += 1) {
      bare.push(await once("nothing"));
      ours.push(await once("above"));
    }
    return measuredFrom({ bare, ours, below: await once("below") });
  } finally {
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function measuredFrom({
  bare,
  ours,
  below,
}: {
  readonly bare: readonly Taken[];
  readonly ours: readonly Taken[];
  readonly below: Taken;
}): Measured {
  if (ours.some(({ read }) => read !== 1) || below.read !== 3) throw new Error("Other layers were read.");
  const mib = (some: readonly Taken[]) => median(some.map((one) => one.mib));
  const ms = median(ours.map((one) => one.ms));
  const over = (one: number) => one - mib(bare);
  return {
    says: [
      `${ms.toFixed(0)} ms, ${over(mib(ours)).toFixed(1)} MiB over bare Node.js (medians of ${rounds} rounds)`,
      `where the large layer must be searched: ${below.ms.toFixed(0)} ms, ${over(below.mib).toFixed(1)} MiB over bare Node.js (once)`,
    ],
    figures: {
      ms,
      "MiB over bare Node.js": over(mib(ours)),
      "MiB over bare Node.js, the large layer searched": over(below.mib),
    },
  };
}

/** `above` and `below`: three layers each, and the large one in the middle. */
async function pushImages(registry: Registry): Promise<void> {
  const large = await pushLarge(registry);
  const content = Buffer.alloc(200_000, "an entrypoint ");
  makeElf({ segments: [interp("/lib64/ld-linux-x86-64.so.2")] }).copy(content);
  const app = makeLayer([{ path: "/app/run", mode: 0o755, content }]);
  const other = makeLayer([{ path: "/etc/os-release", mode: 0o644, content: Buffer.from("ID=bench\n") }]);
  for (const { bytes, digest } of [app, other]) {
    await registry.putBlob({ repository, digest, size: bytes.length, open: () => [bytes] });
  }
  const [top, base] = [app, other].map(({ bytes, digest, diffId }) => ({
    digest,
    diffId,
    size: bytes.length,
  }));
  if (top === undefined || base === undefined) throw new Error("no layers");
  await pushImage(registry, "above", [base, large, top]);
  await pushImage(registry, "below", [top, large, base]);
}

interface Pushed {
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
}

async function pushImage(registry: Registry, tag: string, layers: readonly Pushed[]): Promise<void> {
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: { Entrypoint: ["/app/run"] },
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    }),
  );
  const digest = sha256(config);
  await registry.putBlob({ repository, digest, size: config.length, open: () => [config] });
  const [mediaType, configType, layerType] = ["manifest.v1+json", "config.v1+json", "layer.v1.tar+gzip"].map(
    (kind) => `application/vnd.oci.image.${kind}`,
  );
  const manifest = {
    schemaVersion: 2,
    config: { mediaType: configType, size: config.length, digest },
    layers: layers.map(({ size, digest: layer }) => ({ mediaType: layerType, size, digest: layer })),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  await registry.putManifest({ repository, reference: tag, bytes, mediaType: mediaType ?? "" });
}

/** One file of noise, in a gzip that only stores it: to make it takes no time, and to read it as much as any. */
async function pushLarge(registry: Registry): Promise<Pushed> {
  const { head, block, tail, blocks } = largeTar();
  const size = 10 + 8 + 5 * (blocks + 3) + head.length + blocks * block.length + tail.length;
  const open = () => storedGzip([head, ...Array.from({ length: blocks }, () => block), tail]);
  const hash = createHash("sha256");
  for (const chunk of open()) hash.update(chunk);
  const digest = `sha256:${hash.digest("hex")}`;
  await registry.putBlob({ repository, digest, size, open });
  return { digest, diffId: digest, size };
}

/** A tar of one file of about 1 GB, in blocks that are all the same. */
function largeTar() {
  const block = Buffer.alloc(51_200);
  let state = 1;
  for (let at = 0; at < block.length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    block[at] = state >>> 16;
  }
  const blocks = Math.round(largeBytes / block.length);
  const head = Buffer.alloc(512);
  head.write("large/noise");
  head.write("0000644\0", 100);
  head.write(`${(blocks * block.length).toString(8).padStart(11, "0")}\0`, 124);
  head.write("        0", 148);
  head.write("ustar\x0000", 257, "latin1");
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return { head, block, tail: Buffer.alloc(1024), blocks };
}

/** Source: RFC 1951, section 3.2.4. */
function* storedGzip(parts: readonly Buffer[]): Generator<Buffer> {
  yield Buffer.from("1f8b08000000000000ff", "hex");
  let checksum = 0;
  let length = 0;
  for (const part of [...parts, Buffer.alloc(0)]) {
    const header = Buffer.alloc(5);
    header[0] = part.length === 0 ? 1 : 0;
    header.writeUInt16LE(part.length, 1);
    header.writeUInt16LE(part.length ^ 0xffff, 3);
    yield Buffer.concat([header, part]);
    checksum = crc32(part, checksum);
    length += part.length;
  }
  const end = Buffer.alloc(8);
  end.writeUInt32LE(checksum, 0);
  end.writeUInt32LE(length, 4);
  yield end;
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

async function bundle(folder: string): Promise<string> {
  await build({
    absWorkingDir: root,
    entryPoints: { program: join(root, "scripts/bench-image-program.ts") },
    outdir: join(folder, "dist"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    logLevel: "silent",
  });
  // Where the interceptor looks for them.
  cpSync(join(root, "packages/interceptor/prebuilt"), join(folder, "prebuilt"), { recursive: true });
  return join(folder, "dist/program.mjs");
}
