import { ApiError } from "../api-error.ts";
import type { HttpAnswer } from "./http-answer.ts";
import type { RegistryCall } from "./registry-answers.ts";

/** What is sent on to ECR's API at a time. */
const partBytes = 10_485_760;

/** Hands a body on, part by part; gives the number of bytes that came with it. */
async function sendParts(call: RegistryCall, uploadId: string, firstByte: number | null): Promise<number> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let sent = 0;
  const send = async (): Promise<void> => {
    const layerPartBlob = Buffer.concat(held);
    const place = firstByte === null ? {} : { partFirstByte: firstByte + sent };
    held = [];
    heldBytes = 0;
    await call.ecr("UploadLayerPart", { uploadId, layerPartBlob, ...place });
    sent += layerPartBlob.length;
  };
  for await (const chunk of call.body) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    held.push(bytes);
    heldBytes += bytes.length;
    if (heldBytes >= partBytes) await send();
  }
  if (heldBytes > 0) await send();
  return sent;
}

function nothing(status: number, headers: Readonly<Record<string, string>>): HttpAnswer {
  return { status, headers, body: Buffer.alloc(0) };
}

function placeOf({ request }: RegistryCall, uploadId: string): string {
  return `/v2/${request.name}/blobs/uploads/${uploadId}`;
}

async function complete(call: RegistryCall, uploadId: string, digest: string): Promise<HttpAnswer> {
  await call.ecr("CompleteLayerUpload", { uploadId, layerDigests: [digest] });
  return stored(call, digest);
}

function stored({ request }: RegistryCall, digest: string): HttpAnswer {
  return nothing(201, {
    location: `/v2/${request.name}/blobs/${digest}`,
    "docker-content-digest": digest,
  });
}

/** Who may not read the other repository, or names none that has the blob, sends it. */
async function isMounted(call: RegistryCall): Promise<boolean> {
  const { query } = call.request;
  const [layerDigest, sourceRepositoryName] = [query.get("mount"), query.get("from")];
  if (layerDigest === null || sourceRepositoryName === null) return false;
  try {
    const answer = await call.ecr("MountLayer", { layerDigest, sourceRepositoryName });
    return answer["mounted"] === true;
  } catch (error) {
    if (error instanceof ApiError && error.answered && error.code.startsWith("AccessDenied")) return false;
    throw error;
  }
}

async function begin(call: RegistryCall): Promise<HttpAnswer> {
  const { query } = call.request;
  if (await isMounted(call)) return stored(call, query.get("mount") ?? "");
  const { uploadId } = await call.ecr("InitiateLayerUpload", {});
  const id = String(uploadId);
  const digest = query.get("digest");
  if (digest !== null) {
    await sendParts(call, id, null);
    return await complete(call, id, digest);
  }
  return nothing(202, { location: placeOf(call, id), range: "0-0", "docker-upload-uuid": id });
}

async function progress(call: RegistryCall, uploadId: string, status: number): Promise<HttpAnswer> {
  const { lastByteReceived } = await call.ecr("UploadLayerPart", {
    uploadId,
    layerPartBlob: Buffer.alloc(0),
  });
  return nothing(status, {
    location: placeOf(call, uploadId),
    range: `0-${Math.max(0, Number(lastByteReceived))}`,
    "docker-upload-uuid": uploadId,
  });
}

/** Answers what is asked of uploads; undefined: nothing of this method. */
export async function uploadAnswer(call: RegistryCall): Promise<HttpAnswer | undefined> {
  const { method, reference: uploadId, query, headers } = call.request;
  if (uploadId === "") return method === "POST" ? await begin(call) : undefined;
  const given = /^(\d+)-/.exec(String(headers["content-range"] ?? ""))?.[1];
  const firstByte = given === undefined ? null : Number(given);
  switch (method) {
    case "GET":
      return await progress(call, uploadId, 204);
    case "PATCH":
      await sendParts(call, uploadId, firstByte);
      return await progress(call, uploadId, 202);
    case "PUT":
      await sendParts(call, uploadId, firstByte);
      return await complete(call, uploadId, query.get("digest") ?? "");
    default:
      return undefined;
  }
}
