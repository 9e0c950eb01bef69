import type { Nothing } from "./aws-calls.ts";

/**
 * What Unplug asks of an image registry: of ECR's API, and of the distribution API behind it (`registry:`), which ECR's
 * GetAuthorizationToken opens. Both are one part of the port to AWS, so that plans, policies and crashes know them alike.
 *
 * `registry:` operations fail with ECR's own error codes: `RepositoryNotFoundException`, `ImageNotFoundException`,
 * `LayersNotFoundException`, `ImageTagAlreadyExistsException`, `AccessDenied`; and with `UnreadableAnswer` where what came is
 * not what its digest says.
 */
export interface RegistryCalls {
  /** Without the token itself, which no caller needs to hold; asked before any `registry:` operation, when it is not known. */
  "ecr:GetAuthorizationToken": {
    input: { registryIds?: readonly string[] };
    output: { authorizationData?: readonly { proxyEndpoint?: string; expiresAt?: number }[] };
  };
  "ecr:DescribeImages": {
    input: RepositoryName & {
      imageIds?: readonly ImageId[];
      /** 100, at most 1000; only without `imageIds`. */
      maxResults?: number;
      nextToken?: string;
    };
    output: {
      imageDetails?: readonly {
        imageDigest?: string;
        imageTags?: readonly string[];
        imageManifestMediaType?: string;
      }[];
      nextToken?: string;
    };
  };
  /** Of a tag: the tag goes, and the image with its last tag. What could not be deleted is in `failures`, with status 200. */
  "ecr:BatchDeleteImage": {
    input: RepositoryName & { imageIds: readonly ImageId[] };
    output: {
      imageIds?: readonly ImageId[];
      failures?: readonly { imageId?: ImageId; failureCode?: string; failureReason?: string }[];
    };
  };
  /** Which images ECR deletes by itself. `LifecyclePolicyNotFoundException` where there is none. */
  "ecr:GetLifecyclePolicy": {
    input: RepositoryName;
    output: { lifecyclePolicyText?: string };
  };
  /** `reference`: a tag, or a digest. An index is handed out as it is: its `mediaType` tells. */
  "registry:GetManifest": {
    input: RepositoryName & { reference: string };
    output: { manifest: Uint8Array; mediaType: string; digest: string };
  };
  /** At most 4 MiB: a config. `size` is what the manifest says of it. */
  "registry:GetBlob": {
    input: RepositoryName & { digest: string; size: number };
    output: { body: Uint8Array };
  };
  /**
   * What one layer says of `paths` (absolute) and of the folders that they are in. The layer is streamed, and left as soon as it
   * has said something of each: a file, or a symbolic link on the way. A path that is in no entry is not in this layer.
   */
  "registry:FindFiles": {
    input: RepositoryName & { digest: string; paths: readonly string[] };
    output: { entries: readonly LayerEntry[] };
  };
  /** Nothing is sent when it is there already. A blob that no manifest names is dropped by the registry sooner or later. */
  "registry:PutBlob": {
    input: RepositoryName & { digest: string; body: Uint8Array };
    output: Nothing;
  };
  /** The digest of what was stored is compared with that of what was sent. */
  "registry:PutManifest": {
    input: RepositoryName & { reference: string; manifest: Uint8Array; mediaType: string };
    output: { digest?: string };
  };
}

export type RepositoryName = {
  /** The account that the repository belongs to. */
  readonly registryId: string;
  readonly repositoryName: string;
};

export interface ImageId {
  readonly imageTag?: string;
  readonly imageDigest?: string;
}

/** What a layer has at a path. */
export interface LayerEntry {
  /** Absolute, without a slash at the end. */
  readonly path: string;
  /** `whiteout`: what lower layers have there is gone. `opaque`: what lower layers have in this folder is gone. */
  readonly kind: "file" | "symbolic-link" | "hard-link" | "folder" | "other" | "whiteout" | "opaque";
  /** As it is written in the layer: of a link alone. A hard link's is absolute. */
  readonly target?: string;
  /** Permission bits. */
  readonly mode?: number;
  /** Of a file. */
  readonly size?: number;
  /** Of a file: all of it, or of a very large one its beginning and its end. */
  readonly parts?: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
}
