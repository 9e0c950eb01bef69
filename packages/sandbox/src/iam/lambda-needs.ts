import { functionArn, mappingArn, parseFunctionReference } from "../arns.ts";
import type { CallContext } from "../caller.ts";
import { type Input, isRecord } from "../input.ts";
import type { Need } from "./decide.ts";

/** IAM's names of actions that the API calls something else. Source: Service Authorization Reference, AWS Lambda. */
const iamNames: Readonly<Record<string, string>> = {
  Invoke: "InvokeFunction",
  InvokeUrl: "InvokeFunctionUrl",
  GetLayerVersionByArn: "GetLayerVersion",
};

/** IAM knows no resource for these. */
const ofNothing = new Set([
  "CreateCodeSigningConfig",
  "CreateEventSourceMapping",
  "GetAccountSettings",
  "ListCodeSigningConfigs",
  "ListEventSourceMappings",
  "ListFunctions",
  "ListLayers",
]);

/** Those of a mapping's own ARN, and with its function as a condition key. */
const ofMapping = /^(Get|Update|Delete)EventSourceMapping$/;

function lambdaArn({ region, account }: CallContext, resource: string): string {
  return `arn:aws:lambda:${region}:${account}:${resource}`;
}

/** The ARN of what FunctionName and Qualifier name, with the qualifier: IAM tells a version from the function. */
function calledFunction(name: string, qualifier: unknown, context: CallContext, action: string): string {
  try {
    const reference = parseFunctionReference(name, context);
    const arn = functionArn(context, reference.name);
    // IAM asks for the function of an alias's own operations, which name the alias beside it.
    const given = action.endsWith("Alias")
      ? null
      : typeof qualifier === "string" && qualifier !== ""
        ? qualifier
        : reference.qualifier;
    return given === null ? arn : `${arn}:${given}`;
  } catch {
    return name.startsWith("arn:") ? name : functionArn(context, name);
  }
}

function layerArn(input: Input, context: CallContext): string {
  const { LayerName: name, VersionNumber: version, Arn: arn } = input;
  if (typeof arn === "string") return arn;
  const given = typeof name === "string" ? name : "";
  const layer = given.startsWith("arn:") ? given : lambdaArn(context, `layer:${given}`);
  return typeof version === "string" || typeof version === "number" ? `${layer}:${version}` : layer;
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** Permissions of the caller that Lambda uses for what a request hands it: layers, a role, code in a bucket. */
function handedOn(input: Input): readonly Need[] {
  const layers = strings(input["Layers"]).map((resource) => ({ action: "lambda:GetLayerVersion", resource }));
  const { Role: role } = input;
  const passed =
    typeof role === "string"
      ? [
          {
            action: "iam:PassRole",
            resource: role,
            keys: { "iam:PassedToService": "lambda.amazonaws.com" },
          },
        ]
      : [];
  const code = [input, input["Code"], input["Content"]].filter(isRecord).flatMap((one) => {
    const { S3Bucket: bucket, S3Key: key, S3ObjectVersion: version } = one;
    if (typeof bucket !== "string" || typeof key !== "string") return [];
    const action = typeof version === "string" ? "s3:GetObjectVersion" : "s3:GetObject";
    return [{ action, resource: `arn:aws:s3:::${bucket}/${key}`, via: "lambda" as const }];
  });
  return [...layers, ...passed, ...code];
}

/** Where something is, and what it is called. */
export interface LambdaLookUp {
  /** ARN of the function that a mapping feeds; undefined when there is no such mapping. */
  functionOfMapping(context: CallContext, uuid: string): string | undefined;
}

function mainNeed(operation: string, input: Input, context: CallContext, lookUp: LambdaLookUp): Need {
  const action = `lambda:${iamNames[operation] ?? operation}`;
  const { UUID: uuid, FunctionName: name, Resource: resource, CodeSigningConfigArn: config } = input;
  const feeds = typeof name === "string" ? calledFunction(name, undefined, context, operation) : undefined;
  if (ofMapping.test(operation)) {
    const id = typeof uuid === "string" ? uuid : "";
    const fed = feeds ?? lookUp.functionOfMapping(context, id);
    return {
      action,
      resource: mappingArn(context, id),
      ...(fed === undefined ? {} : { keys: { "lambda:FunctionArn": fed } }),
    };
  }
  if (ofNothing.has(operation)) {
    const isMade = operation === "CreateEventSourceMapping" && feeds !== undefined;
    return { action, resource: "*", ...(isMade ? { keys: { "lambda:FunctionArn": feeds } } : {}) };
  }
  if (operation.includes("Layer")) return { action, resource: layerArn(input, context) };
  if (typeof resource === "string") return { action, resource };
  if (typeof name === "string") {
    const layers = strings(input["Layers"]);
    return {
      action,
      resource: calledFunction(name, input["Qualifier"], context, operation),
      ...(layers.length === 0 ? {} : { keys: { "lambda:Layer": layers } }),
    };
  }
  return { action, resource: typeof config === "string" ? config : "*" };
}

const handsOn = /^(CreateFunction|UpdateFunctionCode|UpdateFunctionConfiguration|PublishLayerVersion)$/;

/** What a call of Lambda needs. Source: Service Authorization Reference, AWS Lambda. */
export function lambdaNeeds(
  operation: string,
  input: Input,
  context: CallContext,
  lookUp: LambdaLookUp,
): readonly Need[] {
  const need = mainNeed(operation, input, context, lookUp);
  return handsOn.test(operation) ? [need, ...handedOn(input)] : [need];
}
