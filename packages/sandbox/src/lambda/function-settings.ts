import { invalidParameter, validationError } from "../api-error.ts";
import { type Input, isRecord, numeric, record, text, textMap, texts } from "../input.ts";

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
  readonly layers: readonly string[];
  readonly tracingMode: string;
  readonly ephemeralStorage: number;
  readonly kmsKeyArn: string;
  readonly loggingConfig: Readonly<Record<string, unknown>>;
  readonly deadLetterTarget: string;
  readonly snapStart: string;
  readonly vpcConfig: Readonly<Record<string, unknown>> | null;
  readonly fileSystemConfigs: readonly unknown[];
}

const runtimes = [
  "nodejs18.x",
  "nodejs20.x",
  "nodejs22.x",
  "nodejs24.x",
  "python3.9",
  "python3.10",
  "python3.11",
  "python3.12",
  "python3.13",
  "python3.14",
  "java11",
  "java17",
  "java21",
  "java25",
  "dotnet8",
  "dotnet10",
  "ruby3.2",
  "ruby3.3",
  "ruby3.4",
  "provided.al2",
  "provided.al2023",
];

/** Source: the list of reserved environment variables in Lambda's developer guide. */
const reservedKeys = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
]);

const longestEnvironment = 4096;

function inRange(value: number, member: string, low: number, high: number): number {
  if (value < low)
    throw validationError(value, member, `Member must have value greater than or equal to ${low}`);
  if (value > high)
    throw validationError(value, member, `Member must have value less than or equal to ${high}`);
  return Math.floor(value);
}

function checkRuntime(runtime: string): string {
  if (runtimes.includes(runtime)) return runtime;
  throw invalidParameter(
    `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${runtimes.join(", ")}] or be a valid ARN`,
  );
}

/** Lambda's checks of a whole environment: names, reserved names, and 4 KB measured as JSON text. */
function checkEnvironment(variables: Readonly<Record<string, string>>): void {
  const names = Object.keys(variables);
  for (const name of names) {
    if (!/^[a-zA-Z]([a-zA-Z0-9_])+$/.test(name) && !reservedKeys.has(name)) {
      throw validationError(
        `{${name}=***}`,
        "environment.variables",
        "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]",
      );
    }
  }
  const reserved = names.filter((name) => reservedKeys.has(name));
  if (reserved.length > 0) {
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
    );
  }
  const measured = JSON.stringify(variables);
  if (Buffer.byteLength(measured) > longestEnvironment) {
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${measured}`,
    );
  }
}

function checkLayers(layers: readonly string[], region: string): readonly string[] {
  if (layers.length > 5) throw invalidParameter("Cannot reference more than 5 layers.");
  const names = new Set<string>();
  for (const arn of layers) {
    const match = /^(arn:aws[a-zA-Z-]*:lambda:([a-z0-9-]+):\d{12}:layer:[a-zA-Z0-9-_]+):\d+$/.exec(arn);
    if (match === null) {
      throw validationError(
        arn,
        "layers",
        "Member must satisfy regular expression pattern of a layer version ARN",
      );
    }
    if (match[2] !== region) {
      throw invalidParameter(
        `Layers are not in the same region as the function. Layers are expected to be in region ${region}.`,
      );
    }
    const name = match[1] ?? arn;
    if (names.has(name)) {
      throw invalidParameter(
        `Two different versions of the same layer are not allowed to be referenced in the same function. ${arn} of ${name} is referenced twice.`,
      );
    }
    names.add(name);
  }
  return layers;
}

function checkRole(role: string): string {
  if (/^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/.test(role)) return role;
  throw validationError(
    role,
    "role",
    "Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+",
  );
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
    loggingConfig: { LogFormat: "Text", LogGroup: `/aws/lambda/${name}` },
    deadLetterTarget: "",
    snapStart: "None",
    vpcConfig: null,
    fileSystemConfigs: [],
  };
}

/** The settings after an update: a member that is absent stays, one that is given replaces the whole. */
export function updatedSettings(before: FunctionSettings, input: Input, region: string): FunctionSettings {
  const runtime = text(input, "Runtime");
  const role = text(input, "Role");
  const timeout = numeric(input, "Timeout");
  const memorySize = numeric(input, "MemorySize");
  const layers = texts(input, "Layers");
  const storage = record(input, "EphemeralStorage");
  const logging = record(input, "LoggingConfig");
  const tracing = record(input, "TracingConfig");
  const deadLetter = record(input, "DeadLetterConfig");
  const snapStart = record(input, "SnapStart");
  const fileSystems = input["FileSystemConfigs"];
  return {
    runtime: runtime === undefined ? before.runtime : checkRuntime(runtime),
    handler: text(input, "Handler") ?? before.handler,
    role: role === undefined ? before.role : checkRole(role),
    description: text(input, "Description") ?? before.description,
    timeout: timeout === undefined ? before.timeout : inRange(timeout, "timeout", 1, 900),
    memorySize: memorySize === undefined ? before.memorySize : inRange(memorySize, "memorySize", 128, 10_240),
    environment: environmentOf(input, before),
    layers: layers === undefined ? before.layers : checkLayers(layers, region),
    tracingMode: (tracing && text(tracing, "Mode")) ?? before.tracingMode,
    ephemeralStorage:
      storage === undefined
        ? before.ephemeralStorage
        : inRange(numeric(storage, "Size") ?? 512, "ephemeralStorage.size", 512, 10_240),
    kmsKeyArn: text(input, "KMSKeyArn") ?? before.kmsKeyArn,
    loggingConfig: logging === undefined ? before.loggingConfig : { ...before.loggingConfig, ...logging },
    deadLetterTarget:
      deadLetter === undefined ? before.deadLetterTarget : (text(deadLetter, "TargetArn") ?? ""),
    snapStart: (snapStart && text(snapStart, "ApplyOn")) ?? before.snapStart,
    vpcConfig: isRecord(input["VpcConfig"]) ? input["VpcConfig"] : before.vpcConfig,
    fileSystemConfigs: Array.isArray(fileSystems) ? fileSystems : before.fileSystemConfigs,
  };
}
