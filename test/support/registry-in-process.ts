import { gunzipSync } from "node:zlib";
import { ApiError, type Caller, type Cloud } from "../../packages/sandbox/src/index.ts";
import type { InputOf, OutputOf } from "../../packages/unplug/src/contract/aws.ts";
import type { RegistryCalls } from "../../packages/unplug/src/contract/registry-calls.ts";
import { findInLayer } from "../../packages/unplug/src/image/find-in-layer.ts";

export type RegistryAction = Extract<keyof RegistryCalls, `registry:${string}`>;

/** What each of them is, without HTTP: calls of ECR's own API, as the registry of a sandbox makes them of requests. */
type Answers = { readonly [A in RegistryAction]: (input: InputOf<A>) => Promise<OutputOf<A>> };

export function isRegistryAction(action: string): action is RegistryAction {
  return action.startsWith("registry:");
}

type Named = Pick<InputOf<"registry:GetBlob">, "registryId" | "repositoryName" | "digest">;

function refused(status: number, code: string, message: string): ApiError {
  return new ApiError(status, code, message, { type: null });
}

/** The registry of a cloud for `caller`. It throws the cloud's ApiErrors. */
export function registryInProcess(cloud: Cloud, caller: Caller): Answers {
  const ecr = async (operation: string, input: object) =>
    Object(await cloud.call(`ecr:${operation}`, { ...input }, caller));
  const blob = async ({ registryId, repositoryName, digest }: Named): Promise<Buffer> => {
    const named = { registryId, repositoryName, layerDigest: digest };
    const { pathname, search } = new URL((await ecr("GetDownloadUrlForLayer", named)).downloadUrl);
    if (cloud.registry.layerAt(`${pathname}${search}`) === undefined) throw new Error(`no layer ${digest}`);
    const store = await cloud.registry.images.pulled(repositoryName, digest);
    return await store.bytes(digest);
  };
  const has = async ({ digest, ...named }: Named): Promise<boolean> => {
    const { layers } = await ecr("BatchCheckLayerAvailability", { ...named, layerDigests: [digest] });
    return layers[0]?.layerAvailability === "AVAILABLE";
  };
  return {
    "registry:GetManifest": async ({ reference, ...named }) => {
      const id = reference.startsWith("sha256:") ? { imageDigest: reference } : { imageTag: reference };
      const { images } = await ecr("BatchGetImage", { ...named, imageIds: [id] });
      const [image] = images;
      if (image === undefined) throw refused(404, "ImageNotFoundException", "Requested image not found");
      const manifest = Buffer.from(image.imageManifest);
      return { manifest, mediaType: image.imageManifestMediaType, digest: image.imageId.imageDigest };
    },
    "registry:GetBlob": async ({ registryId, repositoryName, digest }) => ({
      body: await blob({ registryId, repositoryName, digest }),
    }),
    "registry:FindFiles": async ({ paths, ...named }) => {
      // At once: what zlib does beside is nothing that a virtual clock waits for.
      const tar = gunzipSync(await blob(named));
      return { entries: await findInLayer(inOnePiece(tar), paths) };
    },
    "registry:PutBlob": async ({ digest, body, ...named }) => {
      if (await has({ ...named, digest })) return {};
      const { uploadId } = await ecr("InitiateLayerUpload", named);
      await ecr("UploadLayerPart", { ...named, uploadId, layerPartBlob: Buffer.from(body) });
      await ecr("CompleteLayerUpload", { ...named, uploadId, layerDigests: [digest] });
      return {};
    },
    "registry:PutManifest": async ({ reference, manifest, mediaType, ...named }) => {
      const id = reference.startsWith("sha256:") ? { imageDigest: reference } : { imageTag: reference };
      const put = { imageManifest: Buffer.from(manifest), imageManifestMediaType: mediaType, ...id };
      try {
        return { digest: (await ecr("PutImage", { ...named, ...put })).image.imageId.imageDigest };
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== "ImageAlreadyExistsException") throw error;
        const { images } = await ecr("BatchGetImage", { ...named, imageIds: [id] });
        return { digest: images[0]?.imageId.imageDigest };
      }
    },
  };
}

async function* inOnePiece(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
