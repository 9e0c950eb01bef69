import type { CallContext, Handlers } from "../caller.ts";
import { blob, type Input, needText, numeric, texts } from "../input.ts";
import type { BlobUpload } from "./blob-store.ts";
import {
  emptyUpload,
  invalid,
  invalidLayer,
  layerInaccessible,
  noUpload,
  partNotConsecutive,
} from "./ecr-errors.ts";
import { type EcrParts, repositoryOf } from "./ecr-parts.ts";
import type { LayerLinks } from "./layer-links.ts";
import { type Repository, repositoryArn } from "./repository-store.ts";

/** Source: API reference of Amazon ECR, InitiateLayerUpload: what it suggests for the size of a part. */
const partSize = 10_485_760;

export interface LayerParts extends EcrParts {
  readonly links: LayerLinks;
}

interface Upload {
  readonly arn: string;
  readonly bytes: BlobUpload;
  /** Parts come one after the other, whatever their requests do. */
  turn: Promise<unknown>;
}

/** Layers and configs: sent in parts, found, handed out. Uploads that are not complete are gone with the process. */
export function layerHandlers(parts: LayerParts): Handlers {
  const uploads = new Map<string, Upload>();
  const uploadOf = (repository: Repository, uploadId: string): Upload => {
    const upload = uploads.get(uploadId);
    if (upload?.arn === repository.arn) return upload;
    throw noUpload(repository.place, repository.name, uploadId);
  };
  return {
    InitiateLayerUpload: async (input, context) => {
      const repository = await repositoryOf(parts, "InitiateLayerUpload", input, context);
      if (parts.foreign !== null)
        throw invalid("repositoryName", `layers are pushed to ${parts.foreign.url} here`);
      const uploadId = parts.ids.uuid();
      uploads.set(uploadId, {
        arn: repository.arn,
        bytes: await parts.blobs.begin(),
        turn: Promise.resolve(),
      });
      return { uploadId, partSize };
    },
    UploadLayerPart: async (input, context) => {
      const repository = await repositoryOf(parts, "UploadLayerPart", input, context);
      const upload = uploadOf(repository, needText(input, "uploadId"));
      const lastByteReceived = (await appended(upload, input)) - 1;
      return { ...named(repository), uploadId: input["uploadId"], lastByteReceived };
    },
    CompleteLayerUpload: async (input, context) => {
      const repository = await repositoryOf(parts, "CompleteLayerUpload", input, context);
      const uploadId = needText(input, "uploadId");
      const layerDigest = await completed(parts, repository, uploadOf(repository, uploadId), input);
      uploads.delete(uploadId);
      return { ...named(repository), uploadId, layerDigest };
    },
    BatchCheckLayerAvailability: async (input, context) => {
      const repository = await repositoryOf(parts, "BatchCheckLayerAvailability", input, context);
      return availability(repository, texts(input, "layerDigests") ?? []);
    },
    GetDownloadUrlForLayer: async (input, context) => {
      const repository = await repositoryOf(parts, "GetDownloadUrlForLayer", input, context);
      const layerDigest = needText(input, "layerDigest");
      if (!repository.blobs.has(layerDigest)) {
        throw layerInaccessible(repository.place, repository.name, layerDigest);
      }
      return { downloadUrl: parts.links.of(layerDigest, context.now), layerDigest };
    },
    MountLayer: async (input, context) => await mounted(parts, input, context),
  };
}

function named({ place, name }: Repository): object {
  return { registryId: place.account, repositoryName: name };
}

/** Takes a part in and gives the size of all that came so far. */
async function appended(upload: Upload, input: Input): Promise<number> {
  const bytes = blob(input, "layerPartBlob") ?? Buffer.alloc(0);
  const first = numeric(input, "partFirstByte");
  const last = numeric(input, "partLastByte");
  const mine = upload.turn.then(async () => {
    if (first !== undefined && first !== upload.bytes.size)
      throw partNotConsecutive(first, upload.bytes.size);
    if (first !== undefined && last !== undefined && last - first + 1 !== bytes.length) {
      throw invalid(
        "partLastByte",
        `must be ${first + bytes.length - 1} for a part of ${bytes.length} bytes`,
      );
    }
    await upload.bytes.append(bytes);
    return upload.bytes.size;
  });
  upload.turn = mine.catch(() => undefined);
  return await mine;
}

async function completed(
  parts: LayerParts,
  repository: Repository,
  { bytes, turn }: Upload,
  input: Input,
): Promise<string> {
  await turn;
  const [wanted = ""] = texts(input, "layerDigests") ?? [];
  if (bytes.size === 0) throw emptyUpload(needText(input, "uploadId"));
  if (bytes.digest() !== wanted) throw invalidLayer(wanted, bytes.digest());
  const { size } = bytes;
  // Whoever pushes a layer again keeps the one that is there.
  if (parts.blobs.sizeOf(wanted) === undefined) await bytes.finish();
  else await bytes.drop();
  repository.blobs.set(wanted, size);
  return wanted;
}

function availability(repository: Repository, digests: readonly string[]): object {
  const layers: object[] = [];
  const failures: object[] = [];
  for (const layerDigest of digests) {
    const layerSize = repository.blobs.get(layerDigest);
    if (layerSize !== undefined) {
      layers.push({ layerDigest, layerAvailability: "AVAILABLE", layerSize });
    } else if (/^sha256:[0-9a-f]{64}$/.test(layerDigest)) {
      layers.push({ layerDigest, layerAvailability: "UNAVAILABLE" });
    } else {
      const failureReason =
        "Invalid request parameters: layer digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'";
      failures.push({ layerDigest, failureCode: "InvalidLayerDigest", failureReason });
    }
  }
  return { layers, failures };
}

/** Takes a layer over from another repository of the account: {mounted: false} when that does not have it. */
async function mounted(parts: LayerParts, input: Input, context: CallContext): Promise<unknown> {
  const repository = await repositoryOf(parts, "InitiateLayerUpload", input, context);
  const layerDigest = needText(input, "layerDigest");
  const from = { region: context.region, account: context.account };
  const source = parts.repositories.find(from, needText(input, "sourceRepositoryName"));
  const size = source?.blobs.get(layerDigest);
  if (size === undefined) return { mounted: false };
  repository.blobs.set(layerDigest, size);
  return { mounted: true, source: repositoryArn(from, source?.name ?? "") };
}
