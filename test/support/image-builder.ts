import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Cloud } from "../../packages/sandbox/src/index.ts";

/** One entry of a layer; without a body and a link it is a folder. */
export interface ImageFile {
  /** Without a slash in front. */
  readonly path: string;
  readonly body?: string | Uint8Array;
  /** Of a symbolic link. */
  readonly link?: string;
  /** Of a hard link: another path of the layer. */
  readonly same?: string;
  /** Default: 0755 of folders and programs, 0644 of what has no `#!` and is no ELF. */
  readonly mode?: number;
}

export type ImageFormat = "oci" | "docker";

/** What an image consists of. */
export interface ImageParts {
  /** The lowest one first. */
  readonly layers: readonly (readonly ImageFile[])[];
  /** The member `config` of the config. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Default "oci". */
  readonly format?: ImageFormat;
  /** Default "amd64". */
  readonly architecture?: string;
}

export interface BuiltImage {
  readonly manifest: Buffer;
  readonly mediaType: string;
  /** Of the manifest. */
  readonly digest: string;
  /** Config and layers by digest. */
  readonly blobs: ReadonlyMap<string, Buffer>;
}

export const imageTypes = {
  oci: {
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  },
  docker: {
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  },
} as const;

export function sha256Of(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function modeOf({ body, link, mode }: ImageFile): number {
  if (mode !== undefined) return mode;
  if (body === undefined || link !== undefined) return 0o755;
  const head = Buffer.from(body.slice(0, 4)).toString("latin1");
  return head.startsWith("#!") || head === "\x7fELF" ? 0o755 : 0o644;
}

function header(file: ImageFile, size: number): Buffer {
  const block = Buffer.alloc(512);
  const isFolder = file.body === undefined && file.link === undefined && file.same === undefined;
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, "0")}\0`;
  const type = isFolder ? "5" : file.link !== undefined ? "2" : file.same !== undefined ? "1" : "0";
  block.write(isFolder ? `${file.path}/` : file.path, 0, 100);
  block.write(octal(modeOf(file), 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write("        ", 148);
  block.write(type, 156);
  block.write(file.link ?? file.same ?? "", 157, 100);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** A tar of these entries, in this order; paths up to 100 bytes. */
export function tarOf(files: readonly ImageFile[]): Buffer {
  const parts = files.flatMap((file) => {
    if (Buffer.byteLength(file.path) > 98) throw new Error(`The path ${file.path} is too long for this tar.`);
    const body = Buffer.from(file.body ?? "");
    return [header(file, body.length), body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

/** Builds an image: the same from the same parts. */
export function builtImage({
  layers,
  config = {},
  format = "oci",
  architecture = "amd64",
}: ImageParts): BuiltImage {
  const types = imageTypes[format];
  const tars = layers.map(tarOf);
  const zipped = tars.map((tar) => gzipSync(tar, { level: 1 }));
  const configBlob = Buffer.from(
    JSON.stringify({
      architecture,
      os: "linux",
      config,
      rootfs: { type: "layers", diff_ids: tars.map(sha256Of) },
      history: tars.map((_, at) => ({ created: "2026-01-01T00:00:00Z", created_by: `layer ${at}` })),
    }),
  );
  const descriptor = (mediaType: string, bytes: Buffer) => ({
    mediaType,
    digest: sha256Of(bytes),
    size: bytes.length,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: types.manifest,
      config: descriptor(types.config, configBlob),
      layers: zipped.map((bytes) => descriptor(types.layer, bytes)),
    }),
  );
  const blobs = new Map([configBlob, ...zipped].map((bytes) => [sha256Of(bytes), bytes]));
  return { manifest, mediaType: types.manifest, digest: sha256Of(manifest), blobs };
}

/** Where an image is pushed to: `http://host:port`, with `user:password` where the registry wants one. */
export interface PushPlace {
  readonly url: string;
  readonly repository: string;
  readonly login?: string;
}

/** Pushes an image over the distribution API. */
export async function pushImage(
  { url, repository, login }: PushPlace,
  tag: string,
  { manifest, mediaType, blobs }: BuiltImage,
): Promise<void> {
  const authorization: Record<string, string> =
    login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` };
  const base = `${url}/v2/${repository}`;
  const ask = async (method: string, to: string, type = "", body?: Buffer): Promise<Response> => {
    const headers = { ...authorization, ...(type === "" ? {} : { "content-type": type }) };
    const sent = body === undefined ? {} : { body: new Uint8Array(body) };
    const answer = await fetch(new URL(to, url), { method, headers, ...sent });
    if (answer.ok || method === "HEAD") return answer;
    throw new Error(`${method} ${to} was answered ${answer.status}: ${await answer.text()}`);
  };
  for (const [digest, bytes] of blobs) {
    if ((await ask("HEAD", `${base}/blobs/${digest}`)).ok) continue;
    const begun = await ask("POST", `${base}/blobs/uploads/`);
    const location = begun.headers.get("location") ?? "";
    const sign = location.includes("?") ? "&" : "?";
    await ask("PUT", `${location}${sign}digest=${digest}`, "application/octet-stream", bytes);
  }
  await ask("PUT", `${base}/manifests/${tag}`, mediaType, manifest);
}

/** The login that GetAuthorizationToken of a cloud gives out. */
export async function loginOf(cloud: Cloud, caller: { region: string; accessKey?: string }): Promise<string> {
  const answer = Object(await cloud.call("ecr:GetAuthorizationToken", {}, caller));
  return Buffer.from(answer.authorizationData[0].authorizationToken, "base64").toString();
}

/** Makes the repository if it is not there, and puts an image into it by ECR's own API, without HTTP. */
export async function putImage(
  cloud: Cloud,
  { repository: repositoryName, tag, region }: { repository: string; tag: string; region: string },
  { manifest, mediaType, blobs }: BuiltImage,
): Promise<void> {
  const call = async (operation: string, input: object) =>
    Object(await cloud.call(`ecr:${operation}`, { repositoryName, ...input }, { region }));
  const { repositories } = await call("DescribeRepositories", {});
  if (!repositories.some((one: object) => Object(one).repositoryName === repositoryName)) {
    await call("CreateRepository", {});
  }
  for (const [digest, layerPartBlob] of blobs) {
    const { uploadId } = await call("InitiateLayerUpload", {});
    await call("UploadLayerPart", { uploadId, layerPartBlob });
    await call("CompleteLayerUpload", { uploadId, layerDigests: [digest] });
  }
  const imageManifest = manifest.toString();
  await call("PutImage", { imageManifest, imageManifestMediaType: mediaType, imageTag: tag });
}
