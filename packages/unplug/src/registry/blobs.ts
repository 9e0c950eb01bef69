import { createHash } from "node:crypto";
import { wholeBody } from "./answer-body.ts";
import { checkDigest, checkRepository } from "./names.ts";
import { unreadable } from "./registry-error.ts";
import type { Asked, Sender } from "./sender.ts";

export interface BlobName {
  readonly repository: string;
  readonly digest: string;
}

function request(sender: Sender, { repository, digest }: BlobName, method: "GET" | "HEAD"): Asked {
  return {
    method,
    url: sender.url(`${checkRepository(repository)}/blobs/${checkDigest(digest)}`),
    // What is packed on the way would have another digest.
    headers: { "accept-encoding": "identity" },
    repository,
    actions: "pull",
    about: `at ${sender.base.host}, asked for the blob ${digest} of ${repository}`,
    wanted: [200],
    repeatable: true,
  };
}

/** A registry that sends elsewhere for it has it: where that is stored may answer GET alone, so that nobody is asked there. */
export async function hasBlob(sender: Sender, name: BlobName, signal: AbortSignal): Promise<boolean> {
  const asked = request(sender, name, "HEAD");
  const wanted = [200, 302, 303, 307, 308, 404];
  return sender.send({ ...asked, wanted }, signal, ({ status }) => status !== 404);
}

/** A blob that is small. `size` is what the manifest says of it. */
export async function getSmallBlob(
  sender: Sender,
  { size, ...name }: BlobName & { readonly size: number },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const asked = request(sender, name, "GET");
  const most = sender.limits.smallBytes;
  if (size > most) {
    throw unreadable(
      `The registry ${asked.about}: the manifest says that it has ${size} bytes, and no more than ${most} are taken.`,
      null,
      "TooLarge",
    );
  }
  const body = await sender.send(asked, signal, (answer) =>
    wholeBody({ ...answer, body: proved(answer.body, asked.about, name.digest) }, most, asked.about),
  );
  if (body.length === size) return body;
  throw unreadable(
    `The registry ${asked.about}: it answered ${body.length} bytes, and ${size} were expected by the manifest.`,
    200,
    "WrongSize",
  );
}

/**
 * Hands the bytes of a blob to `read` as they come. Whoever reads them to their end has had what the digest says, or an error;
 * whoever leaves before has not asked for that. `read` begins anew where the connection was cut.
 */
export async function streamBlob<T>(
  sender: Sender,
  name: BlobName,
  read: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const asked = request(sender, name, "GET");
  return sender.send(asked, signal, ({ body }) => read(proved(body, asked.about, name.digest)));
}

/** The same bytes; after the last of them it throws where they are not those of `digest`. */
async function* proved(
  chunks: AsyncIterable<Uint8Array>,
  about: string,
  digest: string,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    length += chunk.length;
    yield chunk;
  }
  const found = `sha256:${hash.digest("hex")}`;
  if (found === digest) return;
  throw unreadable(
    `The registry ${about}: what came, ${length} bytes, has the digest ${found}. It was cut off, or something in between changes it.`,
    200,
    "WrongDigest",
  );
}
