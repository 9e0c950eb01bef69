import type { ModelFailure } from "../api-error.ts";
import { type Input, numeric, record, text, textMap, texts } from "../input.ts";
import { enumFailures, lengthFailures, patternFailures, rangeFailures } from "./constraints.ts";
import { checkEnvironment } from "./environment-variables.ts";
import { type ImageConfig, imageConfigFrom } from "./image-config.ts";
import type { LayerReference } from "./layer-references.ts";
import { type LoggingConfig, loggingAfter, loggingFailures } from "./logging-config.ts";
import { checkRuntime } from "./runtimes.ts";
import { type VpcConfig, vpcFailures, vpcFrom } from "./vpc-config.ts";

/** What UpdateFunctionConfiguration can change. Null and absent lists: the member is not shown. */
export interface FunctionSettings {
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly description: string;
  readonly timeout: number;
  readonly memorySize: number;
  /** Null: the function never had an environment. */
  readonly environment: Readonly<Record<string, string>> | null;
  readonly layers: readonly LayerReference[];
  readonly tracingMode: string;
  readonly ephemeralStorage: number;
  readonly kmsKeyArn: string;
  readonly loggingConfig: LoggingConfig;
  readonly deadLetterTarget: string;
  readonly snapStart: string;
  readonly vpcConfig: VpcConfig | null;
  readonly fileSystemConfigs: readonly unknown[];
  readonly imageConfig: ImageConfig | null;
}

function environmentOf(input: Input, before: FunctionSettings): FunctionSettings["environment"] {
  const given = record(input, "Environment");
  if (given === undefined) return before.environment;
  const variables = textMap(given, "Variables") ?? {};
  checkEnvironment(variables);
  return variables;
}

/** Settings of a function that nobody has set. */
export function initialSettings(name: string): FunctionSettings {
  return {
    runtime: "",
    handler: "",
    role: "",
    description: "",
    timeout: 3,
    memorySize: 128,
    environment: null,
    layers: [],
    tracingMode: "PassThrough",
    ephemeralStorage: 512,
    kmsKeyArn: "",
    loggingConfig: { format: "Text", group: `/aws/lambda/${name}`, levels: null },
    deadLetterTarget: "",
    snapStart: "None",
    vpcConfig: null,
    fileSystemConfigs: [],
    imageConfig: null,
  };
}

const resourcePattern = "(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()";
const rolePattern = "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+";

/** What is wrong with settings by the API's model. Source: recorded answers and the service model of Lambda. */
export function settingsFailures(input: Input): readonly ModelFailure[] {
  return [
    ...patternFailures(input, "Role", rolePattern),
    ...lengthFailures(input, "Handler", 128),
    ...patternFailures(input, "Handler", "[^\\s]+"),
    ...patternFailures(input, "KMSKeyArn", resourcePattern),
    ...patternFailures(
      record(input, "DeadLetterConfig") ?? {},
      "DeadLetterConfig.TargetArn",
      resourcePattern,
    ),
    ...lengthFailures(input, "Description", 256),
    ...rangeFailures(input, "Timeout", 1, 900),
    ...rangeFailures(input, "MemorySize", 128, 10_240),
    ...rangeFailures(record(input, "EphemeralStorage") ?? {}, "EphemeralStorage.Size", 512, 10_240),
    ...enumFailures(record(input, "TracingConfig") ?? {}, "TracingConfig.Mode", ["Active", "PassThrough"]),
    ...enumFailures(record(input, "SnapStart") ?? {}, "SnapStart.ApplyOn", ["PublishedVersions", "None"]),
    ...loggingFailures(input),
    ...vpcFailures(input),
  ];
}

/** The member that an input gives, read; the one before when it gives none. */
function given<T, G>(value: G | undefined, before: T, read: (value: G) => T): T {
  return value === undefined ? before : read(value);
}

/**
 * The settings after an update: a member that is absent stays, one that is given replaces the whole. `layersOf` looks the
 * ARNs of layer versions up.
 */
export function updatedSettings(
  before: FunctionSettings,
  input: Input,
  layersOf: (arns: readonly string[]) => readonly LayerReference[],
): FunctionSettings {
  const runtime = text(input, "Runtime");
  if (runtime !== undefined) checkRuntime(runtime);
  const fileSystems = input["FileSystemConfigs"];
  return {
    runtime: runtime ?? before.runtime,
    handler: text(input, "Handler") ?? before.handler,
    role: text(input, "Role") ?? before.role,
    description: text(input, "Description") ?? before.description,
    timeout: Math.floor(numeric(input, "Timeout") ?? before.timeout),
    memorySize: Math.floor(numeric(input, "MemorySize") ?? before.memorySize),
    environment: environmentOf(input, before),
    layers: given(texts(input, "Layers"), before.layers, layersOf),
    tracingMode: given(
      record(input, "TracingConfig"),
      before.tracingMode,
      (tracing) => text(tracing, "Mode") ?? before.tracingMode,
    ),
    ephemeralStorage: given(
      record(input, "EphemeralStorage"),
      before.ephemeralStorage,
      (storage) => numeric(storage, "Size") ?? before.ephemeralStorage,
    ),
    kmsKeyArn: text(input, "KMSKeyArn") ?? before.kmsKeyArn,
    loggingConfig: given(record(input, "LoggingConfig"), before.loggingConfig, (logging) =>
      loggingAfter(before.loggingConfig, logging),
    ),
    deadLetterTarget: given(
      record(input, "DeadLetterConfig"),
      before.deadLetterTarget,
      (target) => text(target, "TargetArn") ?? "",
    ),
    snapStart: given(
      record(input, "SnapStart"),
      before.snapStart,
      (snapStart) => text(snapStart, "ApplyOn") ?? before.snapStart,
    ),
    vpcConfig: given(record(input, "VpcConfig"), before.vpcConfig, vpcFrom),
    fileSystemConfigs: Array.isArray(fileSystems) ? fileSystems : before.fileSystemConfigs,
    imageConfig: given(record(input, "ImageConfig"), before.imageConfig, imageConfigFrom),
  };
}
