import { createHash } from "node:crypto";
import { interceptorFor, patchGo } from "@unplug/interceptor";
import * as z from "zod";
import type { Io } from "../contract/io.ts";
import type { LayerEntry } from "../contract/registry-calls.ts";
import {
  configWith,
  type ImageConfig,
  type ImageManifest,
  LayeredFiles,
  type LayerReader,
  makeLayerInTurns,
  manifestWith,
  readConfig,
  readManifest,
} from "../image/index.ts";
import type { ImageAddress, PushedImage } from "./image-names.ts";
import type { Architecture } from "./interceptor.ts";
import { IMAGE_OBJECT, IMAGE_ORIGIN } from "./our-names.ts";

/** One image of a repository. */
export interface ImageAt extends Pick<ImageAddress, "registryId" | "repositoryName"> {
  readonly digest: string;
}

/** An image as its registry has it. */
export interface SourceImage {
  readonly mediaType: string;
  readonly manifestBytes: Uint8Array;
  readonly configBytes: Uint8Array;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
}

/** Throws ImageProblem for what is no image for one machine. */
export async function readImage(at: ImageAt, io: Io): Promise<SourceImage> {
  const source = await readSource(at, io);
  if (source === null) throw new Error("The registry answered without a manifest.");
  return source;
}

/** Null: who answered is a recorder. */
export async function readSource(
  { registryId, repositoryName, digest }: ImageAt,
  io: Io,
): Promise<SourceImage | null> {
  const repository = { registryId, repositoryName };
  const input = { ...repository, reference: digest };
  const answer = await io.aws.call("registry:GetManifest", input, io.signal);
  const { manifest: manifestBytes, mediaType } = answer;
  const isRecorder = Object.keys(answer).length === 0;
  const manifest = isRecorder ? null : readManifest(manifestBytes, mediaType);
  const { digest: of = "", size = 0 } = manifest?.config ?? {};
  const { body: configBytes } = await io.aws.call(
    "registry:GetBlob",
    { ...repository, digest: of, size },
    io.signal,
  );
  if (manifest === null) return null;
  return { mediaType, manifestBytes, configBytes, manifest, config: readConfig(configBytes) };
}

/** Null: the image is for a machine on which no function runs. */
export function imageArchitecture({ architecture }: ImageConfig): Architecture | null {
  if (architecture === "arm64") return "arm64";
  return architecture === "amd64" ? "x86_64" : null;
}

/** A program of the image that another takes the place of. */
export interface ReplacedProgram {
  readonly path: string;
  readonly mode: number;
  readonly bytes: Uint8Array;
}

/** What is added to an image. */
export interface ImageAddition {
  readonly architecture: Architecture;
  /** The digest that the function's image has, and the name under which the function has it. */
  readonly from: string;
  readonly uri: string;
  readonly program: ReplacedProgram | null;
}

interface MadeImage {
  /** Of the manifest. */
  readonly digest: string;
  readonly manifest: Buffer;
  readonly blobs: readonly { readonly digest: string; readonly body: Uint8Array }[];
}

/** The image with the interceptor in it; the same bytes from every machine and on every day. */
export async function imageWith(
  { mediaType, manifestBytes, configBytes }: SourceImage,
  { architecture, from, uri, program }: ImageAddition,
): Promise<MadeImage> {
  const origin = Buffer.from(JSON.stringify({ uri, digest: from }));
  const layer = await makeLayerInTurns([
    { path: IMAGE_OBJECT, mode: 0o755, content: interceptorFor(architecture).bytes },
    { path: IMAGE_ORIGIN, mode: 0o644, content: origin },
    ...(program === null
      ? []
      : [{ path: program.path, mode: program.mode, content: program.bytes, replaces: true }]),
  ]);
  const createdBy = "unplug: the interceptor, inert unless a run's configuration names it";
  const config = configWith(configBytes, { diffId: layer.diffId, createdBy });
  const configDigest = digestOf(config);
  const manifest = manifestWith(manifestBytes, mediaType, {
    config: { digest: configDigest, size: config.length },
    layer: { digest: layer.digest, size: layer.bytes.length },
  });
  const blobs = [
    { digest: layer.digest, body: layer.bytes },
    { digest: configDigest, body: config },
  ];
  return { digest: digestOf(manifest), manifest, blobs };
}

type Pushed = PushedImage & { readonly address: ImageAddress; readonly digest: string };

/** Puts the image that is described beside the function's own; what is there already is not sent again. */
export async function pushImage(pushed: Pushed, io: Io): Promise<void> {
  const { registryId, repositoryName } = pushed.address;
  const repository = { registryId, repositoryName };
  const { made, mediaType } = await remake(pushed, io);
  for (const blob of made.blobs) await io.aws.call("registry:PutBlob", { ...repository, ...blob }, io.signal);
  const input = { ...repository, reference: pushed.tag, manifest: made.manifest, mediaType };
  await io.aws.call("registry:PutManifest", input, io.signal);
}

/** The very image that was planned. For a plan, which is made from a recorder, nothing is there to make it of. */
async function remake(
  { address, from, uri, patch, digest }: Pushed,
  io: Io,
): Promise<{ readonly made: MadeImage; readonly mediaType: string }> {
  const at = { ...address, digest: from };
  const source = await readSource(at, io);
  if (source === null) {
    if (patch !== null) await layerReader(at, { layers: [NO_BLOB], config: NO_BLOB }, io)(0, [patch]);
    const blobs = [{ digest, body: new Uint8Array() }];
    return { made: { digest, manifest: Buffer.alloc(0), blobs }, mediaType: "" };
  }
  const architecture = imageArchitecture(source.config);
  if (architecture === null) throw otherImage();
  const program = patch === null ? null : await patchedProgram(at, source, patch, io);
  const made = await imageWith(source, { architecture, from, uri, program });
  if (made.digest !== digest) throw otherImage();
  return { made, mediaType: source.mediaType };
}

const NO_BLOB = { mediaType: "", digest: "", size: 0 };

function otherImage(): Error {
  return new Error("The image with this version's interceptor is not the one that was planned.");
}

async function patchedProgram(
  at: ImageAt,
  { manifest, config }: SourceImage,
  path: string,
  io: Io,
): Promise<ReplacedProgram> {
  const files = new LayeredFiles(manifest.layers.length, layerReader(at, manifest, io));
  const file = await files.firstOf([path]);
  const bytes = file === null ? null : wholeOf(file);
  const architecture = imageArchitecture(config);
  const patched = bytes === null || architecture === null ? null : patchGo(bytes, architecture);
  if (file === null || patched === null || "problem" in patched) throw otherImage();
  return { path: file.path, mode: file.mode, bytes: patched.bytes };
}

/** Reads the layers of an image; layer 0 is the lowest. */
export function layerReader(
  { registryId, repositoryName }: ImageAt,
  { layers }: ImageManifest,
  io: Io,
): LayerReader {
  return async (layer, paths) => {
    const digest = layers[layer]?.digest ?? "";
    const input = { registryId, repositoryName, digest, paths };
    return (await io.aws.call("registry:FindFiles", input, io.signal)).entries;
  };
}

/** Null: it is no file, or longer than what is kept of one. */
export function wholeOf({ size, parts = [] }: Pick<LayerEntry, "size" | "parts">): Uint8Array | null {
  const [part] = parts;
  return part !== undefined && part.offset === 0 && part.bytes.length === size ? part.bytes : null;
}

const origin = z.object({ uri: z.string(), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) });

export type ImageOrigin = z.infer<typeof origin>;

/** Longer than any layer of ours. */
const MOST_LAYER_BYTES = 301_989_888;

/** Of what image ours was made, as our own layer in it tells; null where the image is somebody's. */
export async function originOf(
  { registryId, repositoryName, digest }: ImageAt,
  io: Io,
): Promise<ImageOrigin | null> {
  const { manifest } = await readImage({ registryId, repositoryName, digest }, io);
  const top = manifest.layers.at(-1);
  if (top === undefined || top.size > MOST_LAYER_BYTES) return null;
  const input = { registryId, repositoryName, digest: top.digest, paths: [IMAGE_ORIGIN] };
  const { entries } = await io.aws.call("registry:FindFiles", input, io.signal);
  const entry = entries.find(({ path }) => path === IMAGE_ORIGIN);
  const bytes = entry === undefined ? null : wholeOf(entry);
  return bytes === null ? null : readOrigin(Buffer.from(bytes).toString("utf8"));
}

function readOrigin(text: string): ImageOrigin | null {
  try {
    return origin.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** As registries name a blob by its bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
