import { checkToldDigest, digestOf, wholeBody } from "./answer-body.ts";
import { checkReference, checkRepository, isDigest } from "./names.ts";
import { unreadable } from "./registry-error.ts";
import type { Sender } from "./sender.ts";

export interface Manifest {
  /** As the registry has it: its digest is that of these very bytes. */
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: string;
}

/** Source: OCI image specification, "Media Types"; Docker's image manifest version 2, schema 2. */
const MANIFESTS = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
const INDEXES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

/** What is read for one image; indexes are handed out for what they are. */
export async function getManifest(
  sender: Sender,
  { repository, reference }: { readonly repository: string; readonly reference: string },
  signal: AbortSignal,
): Promise<Manifest> {
  const about = `at ${sender.base.host}, asked for the manifest ${reference} of ${repository}`;
  return sender.send(
    {
      method: "GET",
      url: sender.url(`${checkRepository(repository)}/manifests/${checkReference(reference)}`),
      headers: { accept: [...MANIFESTS, ...INDEXES].join(", ") },
      repository,
      actions: "pull",
      about,
      wanted: [200],
      repeatable: true,
    },
    signal,
    async (answer) => {
      const bytes = await wholeBody(answer, sender.limits.smallBytes, about);
      const digest = digestOf(bytes);
      if (isDigest(reference) && reference !== digest) {
        throw unreadable(
          `The registry ${about}: it answered something else, of the digest ${digest}. It is damaged, or something in between changes it.`,
          200,
          "WrongDigest",
        );
      }
      checkToldDigest(answer, digest, about);
      return { bytes, mediaType: mediaTypeOf(answer.headers["content-type"] ?? "", about), digest };
    },
  );
}

/** A manifest may leave its type out: the answer's header names it. */
function mediaTypeOf(header: string, about: string): string {
  const type = header.split(";")[0]?.trim().toLowerCase() ?? "";
  if (MANIFESTS.includes(type) || INDEXES.includes(type)) return type;
  throw unreadable(
    `The registry ${about}: it answered ${type === "" ? "no media type" : JSON.stringify(type.slice(0, 100))}, and an image's manifest (OCI, or Docker's schema 2) was expected.`,
    200,
  );
}

/** Gives the digest under which it is stored. Without an answer, it may be stored. */
export async function putManifest(
  sender: Sender,
  {
    repository,
    reference,
    bytes,
    mediaType,
  }: Pick<Manifest, "bytes" | "mediaType"> & { readonly repository: string; readonly reference: string },
  signal: AbortSignal,
): Promise<{ readonly digest: string }> {
  const about = `at ${sender.base.host}, sent a manifest for ${reference} of ${repository}`;
  const digest = digestOf(bytes);
  await sender.send(
    {
      method: "PUT",
      url: sender.url(`${checkRepository(repository)}/manifests/${checkReference(reference)}`),
      headers: { "content-type": mediaType },
      body: bytes,
      repository,
      actions: "pull,push",
      about,
      wanted: [201],
      // It would set a tag, maybe after somebody has deleted it.
      repeatable: false,
    },
    signal,
    (answer) => checkToldDigest(answer, digest, about),
  );
  return { digest };
}
