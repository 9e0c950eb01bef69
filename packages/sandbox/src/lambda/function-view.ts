import { createHash } from "node:crypto";
import type { FunctionState, StoredFunction } from "./function-store.ts";

/** Epoch ms as Lambda writes the LastModified of a function. */
export function functionTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "+0000");
}

function runtimeVersionArn(stored: StoredFunction, runtime: string): string {
  const digest = createHash("sha256").update(runtime).digest("hex");
  return `arn:aws:lambda:${stored.place.region}::runtime:${digest}`;
}

function optionalParts({ settings }: FunctionState): Record<string, unknown> {
  const { environment, layers, kmsKeyArn, deadLetterTarget, vpcConfig, fileSystemConfigs } = settings;
  return {
    ...(environment === null ? {} : { Environment: { Variables: { ...environment } } }),
    ...(layers.length === 0 ? {} : { Layers: layers.map((Arn) => ({ Arn, CodeSize: 0 })) }),
    ...(kmsKeyArn === "" ? {} : { KMSKeyArn: kmsKeyArn }),
    ...(deadLetterTarget === "" ? {} : { DeadLetterConfig: { TargetArn: deadLetterTarget } }),
    ...(vpcConfig === null ? {} : { VpcConfig: vpcConfig }),
    ...(fileSystemConfigs.length === 0 ? {} : { FileSystemConfigs: fileSystemConfigs }),
  };
}

/** Settings and code, as every answer that describes a function has them. */
function commonView(stored: StoredFunction, state: FunctionState): Record<string, unknown> {
  const { settings, code } = state;
  return {
    FunctionName: stored.name,
    FunctionArn: stored.arn,
    Runtime: settings.runtime,
    Role: settings.role,
    Handler: settings.handler,
    CodeSize: code.zip.length,
    Description: settings.description,
    Timeout: settings.timeout,
    MemorySize: settings.memorySize,
    LastModified: state.lastModified,
    CodeSha256: code.sha256,
    Version: "$LATEST",
    TracingConfig: { Mode: settings.tracingMode },
    RevisionId: stored.revisionId,
    PackageType: "Zip",
    Architectures: [...state.architectures],
    EphemeralStorage: { Size: settings.ephemeralStorage },
    SnapStart: { ApplyOn: settings.snapStart, OptimizationStatus: "Off" },
    LoggingConfig: settings.loggingConfig,
    ...optionalParts(state),
  };
}

function statusView(stored: StoredFunction): Record<string, unknown> {
  const reason = { Reason: "The function is being created.", Code: "Creating" };
  if (!stored.created) {
    return { State: "Pending", StateReason: reason.Reason, StateReasonCode: reason.Code };
  }
  if (stored.pending !== null) {
    // AWS gives the words of a creation during an update too.
    return {
      State: "Active",
      LastUpdateStatus: "InProgress",
      LastUpdateStatusReason: reason.Reason,
      LastUpdateStatusReasonCode: reason.Code,
    };
  }
  if (stored.failure !== null) {
    return {
      State: "Active",
      LastUpdateStatus: "Failed",
      LastUpdateStatusReason: stored.failure,
      LastUpdateStatusReasonCode: "InternalError",
    };
  }
  return { State: "Active", LastUpdateStatus: "Successful" };
}

/** A function as Get, Create and Update answer it: values of the newest update at once, status beside them. */
export function functionView(stored: StoredFunction): Record<string, unknown> {
  return {
    ...commonView(stored, stored.latest),
    ...statusView(stored),
    RuntimeVersionConfig: { RuntimeVersionArn: runtimeVersionArn(stored, stored.latest.settings.runtime) },
  };
}

/** A function as the lists answer it: without its states. Source: Lambda API reference, ListFunctions. */
export function functionListView(stored: StoredFunction): Record<string, unknown> {
  return commonView(stored, stored.latest);
}
