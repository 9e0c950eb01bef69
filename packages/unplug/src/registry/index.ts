import type { Credentials } from "./authorization.ts";
import { type BlobName, getSmallBlob, hasBlob, streamBlob } from "./blobs.ts";
import { withDeadline } from "./deadline.ts";
import { type Limits, usualLimits } from "./limits.ts";
import { getManifest, type Manifest, putManifest } from "./manifests.ts";
import { Sender } from "./sender.ts";
import { type NewBlob, putBlob } from "./uploads.ts";

export type { Credentials } from "./authorization.ts";
export { RegistryError } from "./registry-error.ts";

/** One image registry. Everything throws RegistryError; a signal ends the wait, and not always what was asked. */
export interface Registry {
  manifest(repository: string, reference: string, signal?: AbortSignal): Promise<Manifest>;
  hasBlob(name: BlobName, signal?: AbortSignal): Promise<boolean>;
  /** No longer than 4 MiB: a config. */
  smallBlob(name: BlobName & { readonly size: number }, signal?: AbortSignal): Promise<Uint8Array>;
  streamBlob<T>(
    name: BlobName,
    read: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
  putBlob(blob: NewBlob, signal?: AbortSignal): Promise<void>;
  putManifest(
    manifest: Pick<Manifest, "bytes" | "mediaType"> & {
      readonly repository: string;
      readonly reference: string;
    },
    signal?: AbortSignal,
  ): Promise<{ readonly digest: string }>;
}

/** `base` is the registry's URL, without `/v2/`; without credentials it is asked as anybody. */
export function openRegistry(
  base: string,
  credentials: Credentials | null,
  limits: Partial<Limits> = {},
): Registry {
  const all = { ...usualLimits, ...limits };
  const sender = new Sender({ base: new URL(base), credentials, limits: all });
  const about = `at ${sender.base.host}`;
  const { totalMs, streamMs } = all;
  const limited =
    <Input, Output>(
      ms: number,
      work: (sender: Sender, input: Input, signal: AbortSignal) => Promise<Output>,
    ) =>
    (input: Input, signal: AbortSignal | undefined): Promise<Output> =>
      withDeadline({ ms, signal, about }, (inner) => work(sender, input, inner));
  const manifest = limited(totalMs, getManifest);
  return {
    manifest: (repository, reference, signal) => manifest({ repository, reference }, signal),
    hasBlob: limited(totalMs, hasBlob),
    smallBlob: limited(totalMs, getSmallBlob),
    streamBlob: (name, read, signal) =>
      withDeadline({ ms: streamMs, signal, about }, (inner) => streamBlob(sender, name, read, inner)),
    putBlob: limited(streamMs, putBlob),
    putManifest: limited(totalMs, putManifest),
  };
}
