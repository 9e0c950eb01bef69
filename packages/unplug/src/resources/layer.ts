import * as z from "zod";
import { interceptorLayer } from "../carriers/interceptor-layer.ts";
import { isMissing } from "../contract/aws.ts";
import type { Io } from "../contract/io.ts";
import type { Ref } from "../contract/place.ts";
import { defineResource, type Seen } from "../contract/resource.ts";

const layerState = z.strictObject({
  /** SHA-256 of the content, in base64. */
  codeSha256: z.string(),
});

export type LayerState = z.infer<typeof layerState>;

/**
 * The layer that brings the interceptor, published once for each content; the id is the layer's ARN without a version, whose
 * last part names architecture and content. Null: no version of it is there.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
 */
export const layer = defineResource<LayerState>({
  kind: "layer",
  title: "layer with the interceptor",
  state: layerState,
  actions: {
    read: ["lambda:ListLayerVersions", "lambda:GetLayerVersion"],
    write: ["lambda:PublishLayerVersion"],
  },
  guarded: false,
  lookEveryMs: 60_000,
  arn: ({ id }, action) => (action === "lambda:GetLayerVersion" ? `${id}:*` : id),

  async *read(refs, io) {
    yield await Promise.all(refs.map((ref) => readOne(ref, io)));
  },

  async write(ref, to, seen, io) {
    if (to === null) throw new Error("A layer is not deleted here: other runs use it.");
    // Two runs that need it at the same time are no conflict.
    if (seen.state?.codeSha256 === to.codeSha256 && seen.revision !== null)
      return { id: seen.revision, revision: null };
    const architecture = ref.id.includes("-arm64-") ? "arm64" : "x86_64";
    const { zip, codeSha256 } = await interceptorLayer(architecture);
    if (codeSha256 !== to.codeSha256) throw new Error("This interceptor is not the one that was planned.");
    const input = {
      LayerName: ref.id,
      Description: "Unplug's interceptor; inert unless a run's configuration names it",
      Content: { ZipFile: zip },
      CompatibleArchitectures: [architecture],
      LicenseInfo: "Apache-2.0",
    };
    const answer = await io.aws.call("lambda:PublishLayerVersion", input, io.signal);
    return { id: answer.LayerVersionArn ?? ref.id, revision: null };
  },

  without: (now) => now,
});

/** The newest version that holds what the name promises; `revision` is that version's ARN. */
async function readOne(ref: Ref, io: Io): Promise<Seen<LayerState>> {
  const found = await newest(ref, io);
  return {
    ref,
    found: true,
    state: found === null ? null : { codeSha256: found.codeSha256 },
    revision: found?.arn ?? null,
    settled: true,
    status: found === null ? "not published" : "published",
  };
}

async function newest(ref: Ref, io: Io): Promise<{ arn: string; codeSha256: string } | null> {
  try {
    const { LayerVersions: [version] = [] } = await io.aws.call(
      "lambda:ListLayerVersions",
      { LayerName: ref.id, MaxItems: 1 },
      io.signal,
    );
    if (version?.Version === undefined) return null;
    const input = { LayerName: ref.id, VersionNumber: version.Version };
    const { LayerVersionArn: arn, Content } = await io.aws.call("lambda:GetLayerVersion", input, io.signal);
    if (arn === undefined || Content?.CodeSha256 === undefined) return null;
    return { arn, codeSha256: Content.CodeSha256 };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
