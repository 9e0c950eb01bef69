import { ApiError } from "../api-error.ts";
import type { Caller, Cloud } from "../cloud.ts";
import { isRecord } from "../input.ts";
import type { Incoming } from "./both-protocols.ts";
import { type HttpAnswer, jsonAnswer } from "./http-answer.ts";
import {
  type RegistryRequest,
  readRegistryRequest,
  registryAnswerTo,
  registryError,
} from "./registry-routes.ts";
import { uploadAnswer } from "./registry-uploads.ts";

/** One request, on behalf of the holder of a token. */
export interface RegistryCall {
  readonly request: RegistryRequest;
  readonly body: AsyncIterable<unknown>;
  /** An operation of ECR's API for this repository: each request stands for some, as on AWS, and needs their permissions. */
  ecr(operation: string, input: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
}

const version = { "docker-distribution-api-version": "registry/2.0" };
const largestManifest = 4_194_304;

function challenge(message: Incoming): HttpAnswer {
  const realm = `http://${message.headers.host ?? "localhost"}/`;
  return {
    status: 401,
    headers: {
      "www-authenticate": `Basic realm="${realm}",service="ecr.amazonaws.com"`,
      "content-type": "text/plain",
    },
    body: Buffer.from("Not Authorized\n"),
  };
}

function passwordOf({ headers }: Incoming): string {
  const [, given = ""] = /^Basic ([A-Za-z0-9+/=]+)$/.exec(headers.authorization ?? "") ?? [];
  const [user, ...password] = Buffer.from(given, "base64").toString("utf8").split(":");
  return user === "AWS" ? password.join(":") : "";
}

async function wholeBody(body: AsyncIterable<unknown>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    size += bytes.length;
    if (size <= largestManifest) parts.push(bytes);
  }
  if (size <= largestManifest) return Buffer.concat(parts);
  throw new ApiError(400, "InvalidParameterException", "A manifest must be of 4194304 bytes at most.");
}

/** A tag, or a digest. */
function imageId(reference: string): Record<string, string> {
  return reference.startsWith("sha256:") ? { imageDigest: reference } : { imageTag: reference };
}

async function readManifest({ request, ecr }: RegistryCall): Promise<HttpAnswer> {
  const accepted = String(request.headers.accept ?? "*/*")
    .split(",")
    .map((one) => one.split(";")[0]?.trim() ?? "");
  const { images } = await ecr("BatchGetImage", {
    imageIds: [imageId(request.reference)],
    ...(accepted.some((one) => one.endsWith("/*")) ? {} : { acceptedMediaTypes: accepted }),
  });
  const found: unknown = Array.isArray(images) ? images[0] : undefined;
  if (!isRecord(found)) return registryError(404, "MANIFEST_UNKNOWN", "Requested image not found");
  const { imageManifest, imageManifestMediaType, imageId: id } = found;
  const body = Buffer.from(String(imageManifest));
  return {
    status: 200,
    headers: {
      "content-type": String(imageManifestMediaType),
      "content-length": String(body.length),
      "docker-content-digest": isRecord(id) ? String(id["imageDigest"]) : "",
    },
    body: request.method === "HEAD" ? Buffer.alloc(0) : body,
  };
}

async function writeManifest({ request, body, ecr }: RegistryCall): Promise<HttpAnswer> {
  const { reference, name, headers } = request;
  const imageManifest = await wholeBody(body);
  const type = headers["content-type"];
  const given = {
    imageManifest,
    ...imageId(reference),
    ...(type === undefined ? {} : { imageManifestMediaType: type }),
  };
  const put = ecr("PutImage", given).catch(async (error: unknown) => {
    // Who pushes once more what is there has it there.
    if (!(error instanceof ApiError) || error.code !== "ImageAlreadyExistsException") throw error;
    const { images } = await ecr("BatchGetImage", { imageIds: [imageId(reference)] });
    return { image: Array.isArray(images) ? images[0] : undefined };
  });
  const { image } = await put;
  const id = isRecord(image) ? image["imageId"] : undefined;
  const digest = isRecord(id) ? String(id["imageDigest"]) : "";
  return {
    status: 201,
    headers: { location: `/v2/${name}/manifests/${digest}`, "docker-content-digest": digest },
    body: Buffer.alloc(0),
  };
}

async function headBlob({ request, ecr }: RegistryCall): Promise<HttpAnswer> {
  const { reference } = request;
  const { layers } = await ecr("BatchCheckLayerAvailability", { layerDigests: [reference] });
  const found: unknown = Array.isArray(layers) ? layers[0] : undefined;
  if (!isRecord(found) || found["layerAvailability"] !== "AVAILABLE") {
    return registryError(404, "BLOB_UNKNOWN", "blob unknown to registry");
  }
  const headers = {
    "content-length": String(found["layerSize"]),
    "content-type": "application/octet-stream",
    "docker-content-digest": reference,
    "accept-ranges": "bytes",
  };
  return { status: 200, headers, body: Buffer.alloc(0) };
}

/** As ECR does it: the bytes come from somewhere else, where the token means nothing. */
async function getBlob({ request, ecr }: RegistryCall): Promise<HttpAnswer> {
  const { downloadUrl } = await ecr("GetDownloadUrlForLayer", { layerDigest: request.reference });
  const headers = { location: String(downloadUrl), "docker-content-digest": request.reference };
  return { status: 307, headers, body: Buffer.alloc(0) };
}

async function listTags({ request, ecr }: RegistryCall): Promise<HttpAnswer> {
  const tags: string[] = [];
  for (let next: unknown = "0"; typeof next === "string"; ) {
    const page = await ecr("ListImages", {
      maxResults: 1000,
      nextToken: next,
      filter: { tagStatus: "TAGGED" },
    });
    const ids: unknown[] = Array.isArray(page["imageIds"]) ? page["imageIds"] : [];
    tags.push(...ids.filter(isRecord).map((id) => String(id["imageTag"])));
    next = page["nextToken"];
  }
  return jsonAnswer(200, { name: request.name, tags: tags.sort() });
}

async function answered(call: RegistryCall): Promise<HttpAnswer | undefined> {
  const { kind, method } = call.request;
  const isRead = method === "GET" || method === "HEAD";
  switch (kind) {
    case "base":
      return isRead ? jsonAnswer(200, {}) : undefined;
    case "tags":
      return isRead ? await listTags(call) : undefined;
    case "uploads":
      return await uploadAnswer(call);
    case "manifests":
      if (method === "PUT") return await writeManifest(call);
      return isRead ? await readManifest(call) : undefined;
    case "blobs":
      if (method === "HEAD") return await headBlob(call);
      return method === "GET" ? await getBlob(call) : undefined;
  }
}

interface CallGround {
  readonly cloud: Cloud;
  readonly body: Incoming;
  readonly caller: Caller;
  readonly account: string;
}

function callOf(request: RegistryRequest, { cloud, body, caller, account }: CallGround): RegistryCall {
  return {
    request,
    body,
    ecr: async (operation, input) => {
      const named = { registryId: account, repositoryName: request.name };
      const answer = await cloud.call(`ecr:${operation}`, { ...named, ...input }, caller);
      return isRecord(answer) ? answer : {};
    },
  };
}

/** Answers a request of the distribution API. Rejects when the answer is to be lost. */
export async function registryAnswer(
  cloud: Cloud,
  message: Incoming,
  place: Pick<Caller, "requestId" | "signal">,
): Promise<HttpAnswer> {
  const answer = await withVersion(cloud, message, place);
  return { ...answer, headers: { ...answer.headers, ...version } };
}

async function withVersion(
  cloud: Cloud,
  message: Incoming,
  place: Pick<Caller, "requestId" | "signal">,
): Promise<HttpAnswer> {
  const holder = cloud.registry.tokenHolder(passwordOf(message));
  if (holder === undefined) return challenge(message);
  if (holder.expiresAt <= cloud.clock.now()) {
    return registryError(
      403,
      "DENIED",
      "Your authorization token has expired. Reauthenticate and try again.",
    );
  }
  const { method = "GET", url = "/" } = message;
  const request = readRegistryRequest(method, url, message.headers);
  const userAgent = message.headers["user-agent"];
  const caller = { ...holder.caller, ...place, ...(userAgent === undefined ? {} : { userAgent }) };
  try {
    const found =
      request === undefined
        ? undefined
        : await answered(callOf(request, { cloud, body: message, caller, account: holder.account }));
    if (found !== undefined) return found;
    return registryError(
      request === undefined ? 404 : 405,
      "UNSUPPORTED",
      `${method} ${url} is not supported`,
    );
  } catch (error) {
    if (error instanceof ApiError && error.answered) return registryAnswerTo(error);
    throw error;
  }
}
