import { checkToldDigest } from "./answer-body.ts";
import { type BlobName, hasBlob } from "./blobs.ts";
import type { Answer } from "./exchange.ts";
import { checkDigest, checkRepository } from "./names.ts";
import { RegistryError, unreadable } from "./registry-error.ts";
import { type Asked, locationOf, type Sender } from "./sender.ts";

export interface NewBlob extends BlobName {
  readonly size: number;
  /** Called anew for each try. */
  readonly open: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Another repository of the same registry that has it. */
  readonly from?: string;
}

/**
 * Sends a blob, unless it is there already or can be had from another repository. What is longer than a piece goes in pieces.
 * A blob is known by its content, so that a connection that was cut makes it begin anew.
 */
export async function putBlob(sender: Sender, blob: NewBlob, signal: AbortSignal): Promise<void> {
  checkDigest(blob.digest);
  if (await hasBlob(sender, blob, signal)) return;
  const about = `at ${sender.base.host}, sent the blob ${blob.digest} (${blob.size} bytes) for ${blob.repository}`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await upload(sender, blob, { about, signal, mount: attempt === 1 });
    } catch (error) {
      if (signal.aborted || attempt >= sender.limits.tries || !wasCut(error)) throw error;
    }
  }
}

function wasCut(error: unknown): boolean {
  return (
    error instanceof RegistryError &&
    /^(ECONNRESET|EPIPE|ECONNABORTED|BLOB_UPLOAD_UNKNOWN|RANGE_INVALID)$/.test(error.code)
  );
}

interface Upload {
  readonly about: string;
  readonly signal: AbortSignal;
  readonly mount: boolean;
}

async function upload(sender: Sender, blob: NewBlob, { about, signal, mount }: Upload): Promise<void> {
  const { repository, digest } = blob;
  const common = { headers: {}, repository, actions: "pull,push", about, repeatable: false } as const;
  const send: Send = (part) => sender.send<Answer>({ ...common, ...part }, signal, (answer) => answer);
  const begun = (mount ? await mounted(sender, blob, send) : null) ?? (await begin(sender, blob, send));
  if (begun.status === 201) return checkToldDigest(begun, digest, about);
  let where = uploadLocation(begun, sender, { about, from: sender.base });
  const least = Number(begun.headers["oci-chunk-min-length"] ?? 0);
  const pieceBytes = Math.max(sender.limits.chunkBytes, least < 64 * 1024 * 1024 ? least : 0);
  let at = 0;
  let last: Uint8Array = new Uint8Array();
  for await (const piece of pieces(blob.open(), pieceBytes)) {
    if (last.length > 0) {
      const headers = { ...octets, "content-range": `${at}-${at + last.length - 1}` };
      const answer = await send({ method: "PATCH", url: where, headers, body: last, wanted: [202, 204] });
      where = uploadLocation(answer, sender, { about, from: where });
      at += last.length;
    }
    last = piece;
  }
  const url = new URL(`${where.href}${where.search === "" ? "?" : "&"}digest=${encodeURIComponent(digest)}`);
  const range = at === 0 ? {} : { "content-range": `${at}-${at + last.length - 1}` };
  const done = await send({
    method: "PUT",
    url,
    headers: { ...octets, ...range },
    body: last,
    wanted: [201, 204],
  });
  checkToldDigest(done, digest, about);
}

const octets = { "content-type": "application/octet-stream" };

type Send = (part: Pick<Asked, "method" | "url" | "wanted"> & Partial<Asked>) => Promise<Answer>;

async function begin(sender: Sender, { repository }: NewBlob, send: Send): Promise<Answer> {
  const url = sender.url(`${checkRepository(repository)}/blobs/uploads/`);
  return send({ method: "POST", url, wanted: [202], repeatable: true, body: new Uint8Array() });
}

/** 201 where it is done, 202 where an upload was begun instead; null where the registry will not hear of it. */
async function mounted(
  sender: Sender,
  { repository, digest, from }: NewBlob,
  send: Send,
): Promise<Answer | null> {
  if (from === undefined || from === repository) return null;
  const url = sender.url(`${checkRepository(repository)}/blobs/uploads/`);
  url.searchParams.set("mount", digest);
  url.searchParams.set("from", checkRepository(from));
  try {
    const body = new Uint8Array();
    const answer = await send({ method: "POST", url, wanted: [201, 202], repeatable: true, body });
    return answer;
  } catch (error) {
    if (error instanceof RegistryError && error.outcome === "refused") return null;
    throw error;
  }
}

/** Where to send what comes next. A registry that names another host would be given what it was not asked for. */
function uploadLocation(
  answer: Answer,
  sender: Sender,
  { about, from }: { readonly about: string; readonly from: URL },
): URL {
  const next = locationOf(answer, from);
  if (next !== null && next.origin === sender.base.origin) return next;
  const where = next === null ? "no place" : `another host, ${next.host},`;
  throw unreadable(
    `The registry ${about}: it names ${where} to send it to, and one of its own was expected. Nothing was sent there.`,
    answer.status,
    "Redirected",
  );
}

/** The same bytes in pieces of one length, of which the last may be shorter. */
async function* pieces(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + length - size);
      held.push(part);
      size += part.length;
      at += part.length;
      if (size < length) continue;
      yield Buffer.concat(held, size);
      held = [];
      size = 0;
    }
  }
  if (size > 0) yield Buffer.concat(held, size);
}
