import { readImageUri, repositoryArn } from "../carriers/image-names.ts";
import { partitionOf } from "../contract/arns.ts";
import type { FoundTarget } from "../contract/fault.ts";
import type { Io } from "../contract/io.ts";
import type { Choice } from "./block-carrier.ts";
import type { TargetFunction } from "./target-function.ts";

/** What the reads of a block are for; none where its carrier and its tunables do not need them. */
export function blockArns(
  found: TargetFunction,
  { layerId, carrier }: Choice,
  tunables: {
    readonly injectionMethod: string;
    readonly allowRuntimeUpdate: boolean;
    readonly proof: string;
  },
  { place }: Io,
): NonNullable<FoundTarget["arns"]> {
  const layers = (found.answer.Configuration?.Layers ?? []).flatMap(({ Arn = [] }) => Arn);
  const here = `${place.region}:${place.account}`;
  const partition = partitionOf(place.region);
  // Without them, whoever is led to another carrier is led there again.
  const isLayer = carrier.kind === "layer";
  const image = carrier.kind === "image" ? readImageUri(carrier.repositoryUri) : null;
  const repository = image === null ? [] : repositoryArn(image);
  // Variables are not signed, and images are not signed for Lambda.
  const isSigned = tunables.injectionMethod !== "env" && image === null;
  return {
    registry: repository,
    "ecr:GetAuthorizationToken": image === null ? [] : "*",
    "ecr:GetLifecyclePolicy": repository,
    logs: `arn:${partition}:logs:${here}:log-group:${logGroupOf(found)}:*`,
    "lambda:GetFunctionCodeSigningConfig": isSigned ? found.arn : [],
    "lambda:GetCodeSigningConfig": isSigned ? `arn:${partition}:lambda:${here}:code-signing-config:*` : [],
    "lambda:GetRuntimeManagementConfig": tunables.allowRuntimeUpdate || image !== null ? [] : found.arn,
    // Of an UpdateFunctionCode that the run does not need.
    "lambda:TryUpdateFunctionCode": [],
    "lambda:ListLayerVersions": isLayer ? layerId : [],
    // AWS asks for the second where a function's layers are written.
    "lambda:GetLayerVersion": isLayer ? [`${layerId}:*`, ...layers] : [],
    "lambda:Invoke": tunables.proof === "invoke" ? found.arn : [],
  };
}

export function logGroupOf({ name, answer }: TargetFunction): string {
  return answer.Configuration?.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`;
}
