import type { Place } from "../arns.ts";
import { runtimeVersionArn } from "../runtime-version.ts";
import type { StoredFunction } from "./function-store.ts";
import type { FunctionState, FunctionVersion } from "./function-version.ts";
import { imageConfigView } from "./image-config.ts";
import { loggingView } from "./logging-config.ts";
import { vpcView } from "./vpc-config.ts";

/** Epoch ms as Lambda writes the LastModified of a function. */
export function functionTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "+0000");
}

function optionalParts({ settings }: FunctionState, place: Place): Record<string, unknown> {
  const { environment, layers, kmsKeyArn, deadLetterTarget, vpcConfig, fileSystemConfigs, imageConfig } =
    settings;
  return {
    ...(environment === null ? {} : { Environment: { Variables: { ...environment } } }),
    ...(layers.length === 0
      ? {}
      : { Layers: layers.map(({ arn, codeSize }) => ({ Arn: arn, CodeSize: codeSize })) }),
    ...(kmsKeyArn === "" ? {} : { KMSKeyArn: kmsKeyArn }),
    ...(deadLetterTarget === "" ? {} : { DeadLetterConfig: { TargetArn: deadLetterTarget } }),
    ...(vpcConfig === null ? {} : { VpcConfig: vpcView(vpcConfig, place) }),
    ...(fileSystemConfigs.length === 0 ? {} : { FileSystemConfigs: fileSystemConfigs }),
    ...(imageConfig === null ? {} : { ImageConfigResponse: { ImageConfig: imageConfigView(imageConfig) } }),
  };
}

/** Settings and code, as every answer that describes a version has them; with the qualifier that was asked for. */
function commonView(
  stored: StoredFunction,
  version: FunctionVersion,
  qualifier: string | null,
): Record<string, unknown> {
  const { settings, code, architectures, lastModified } = version.shown;
  const isOptimized = version.version !== "$LATEST" && settings.snapStart !== "None";
  return {
    FunctionName: stored.name,
    FunctionArn: qualifier === null ? stored.arn : `${stored.arn}:${qualifier}`,
    ...(code.image === null ? { Runtime: settings.runtime, Handler: settings.handler } : {}),
    Role: settings.role,
    CodeSize: code.zip.length,
    Description: settings.description,
    Timeout: settings.timeout,
    MemorySize: settings.memorySize,
    LastModified: lastModified,
    CodeSha256: code.sha256,
    Version: version.version,
    TracingConfig: { Mode: settings.tracingMode },
    RevisionId: version.revisionId,
    PackageType: code.image === null ? "Zip" : "Image",
    Architectures: [...architectures],
    EphemeralStorage: { Size: settings.ephemeralStorage },
    SnapStart: {
      ApplyOn: settings.snapStart,
      OptimizationStatus: isOptimized && version.effective !== null ? "On" : "Off",
    },
    LoggingConfig: loggingView(settings.loggingConfig),
    ...optionalParts(version.shown, stored.place),
  };
}

function statusView(version: FunctionVersion): Record<string, unknown> {
  const reason = { Reason: "The function is being created.", Code: "Creating" };
  if (version.effective === null) {
    return { State: "Pending", StateReason: reason.Reason, StateReasonCode: reason.Code };
  }
  if (version.pending !== null) {
    // AWS gives the words of a creation during an update too.
    return {
      State: "Active",
      LastUpdateStatus: "InProgress",
      LastUpdateStatusReason: reason.Reason,
      LastUpdateStatusReasonCode: reason.Code,
    };
  }
  if (version.failure !== null) {
    return {
      State: "Active",
      LastUpdateStatus: "Failed",
      LastUpdateStatusReason: version.failure,
      LastUpdateStatusReasonCode: "InternalError",
    };
  }
  return { State: "Active", LastUpdateStatus: "Successful" };
}

/**
 * A version as Get, Create, Publish and Update answer it: values of the newest update at once, status beside them.
 * The qualifier (version or alias) is the one that was asked for; null: none.
 */
export function functionView(
  stored: StoredFunction,
  version: FunctionVersion,
  qualifier: string | null,
): Record<string, unknown> {
  const { settings, code } = version.shown;
  return {
    ...commonView(stored, version, qualifier),
    ...statusView(version),
    ...(code.image === null
      ? { RuntimeVersionConfig: { RuntimeVersionArn: runtimeVersionArn(stored.place, settings.runtime) } }
      : {}),
  };
}

/** A version as the lists answer it: without its states. Source: Lambda API reference, ListFunctions. */
export function functionListView(
  stored: StoredFunction,
  version: FunctionVersion,
  qualifier: string | null,
): Record<string, unknown> {
  return commonView(stored, version, qualifier);
}
