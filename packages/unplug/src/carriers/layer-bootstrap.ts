import { isDenied, isMissing } from "../contract/aws.ts";
import type { FunctionAnswer } from "../contract/aws-calls.ts";
import type { Io } from "../contract/io.ts";
import { type Bootstrap, bootstrapIn } from "./go-bootstrap.ts";
import { sha256Of } from "./interceptor-layer.ts";
import { isOurLayer } from "./our-names.ts";

/** A bootstrap, and the ARN of the version of a layer that brings it. */
export interface LayerBootstrap {
  readonly layer: string;
  readonly bootstrap: Bootstrap;
}

/**
 * What a function's layers lay at /opt/bootstrap; of several the last one's. Null: none has one, or not all that may are to be read.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/adding-layers.html, "merge order"
 */
export async function layerBootstrap(
  { Configuration = {} }: FunctionAnswer,
  io: Io,
): Promise<LayerBootstrap | null> {
  const arns = (Configuration.Layers ?? []).flatMap(({ Arn = [] }) => Arn).filter((arn) => !isOurLayer(arn));
  for (const layer of arns.toReversed()) {
    const zip = await contentOf(layer, io);
    if (zip === null) return null;
    const bootstrap = await bootstrapIn(zip);
    if (bootstrap !== null) return { layer, bootstrap };
  }
  return null;
}

async function contentOf(arn: string, io: Io): Promise<Uint8Array | null> {
  const at = arn.lastIndexOf(":");
  const input = { LayerName: arn.slice(0, at), VersionNumber: Number(arn.slice(at + 1)) };
  try {
    const { Content = {} } = await io.aws.call("lambda:GetLayerVersion", input, io.signal);
    const { Location, CodeSha256 } = Content;
    if (Location === undefined) return null;
    const { Body } = await io.aws.call("code:Download", { Location }, io.signal);
    return sha256Of(Body) === CodeSha256 ? Body : null;
  } catch (error) {
    if (isDenied(error) || isMissing(error)) return null;
    throw error;
  }
}
