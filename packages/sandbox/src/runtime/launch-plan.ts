import { delimiter, dirname, join } from "node:path";
import { type ApiError, invalidParameter } from "../api-error.ts";
import type { ContainerImage, FunctionImage } from "../runtime-port.ts";
import { findProgram } from "./find-program.ts";
import type { FunctionFiles, ImageFiles } from "./function-files.ts";
import { imageObstacle, imageVariables, intoImage } from "./image-launch.ts";
import type { Launch } from "./launch-command.ts";
import { libraryPath } from "./library-path.ts";
import { findBootstrap } from "./os-bootstrap.ts";
import type { Mounting } from "./private-mounts.ts";

/** How the process of one environment is started. */
export interface LaunchPlan extends Pick<Launch, "kind" | "command" | "mounting" | "into"> {
  /** Folder of the machine in which it is started. */
  readonly folder: string;
  /** LAMBDA_TASK_ROOT: where the function finds its code. */
  readonly taskRoot: string;
  /** Why it cannot be started, in Lambda's words; null when it can. */
  readonly obstacle: string | null;
}

/** What a plan needs to know of the machine. */
export interface Machine {
  /** Node.js for functions */
  readonly node: string;
  /** Value of PATH, in which python3 is looked for. */
  readonly searchPath: string;
}

/** The programs that stand in for Lambda's managed runtimes. */
export const bootstraps = join(import.meta.dirname, "bootstrap");

/** What of a function decides whether it can run here. */
type Runnable = Pick<FunctionImage, "functionName" | "runtime" | "layers" | "container">;

/**
 * The program that runs the function and its first argument, whatever its version of the runtime: one Node.js and one
 * Python serve all of them. Null: the package has the program.
 * Throws ApiError InvalidParameterValueException for what cannot run here: layers and container images where nothing can be
 * mounted, other runtimes, and python* without python3.
 */
export function interpreterOf(
  image: Runnable,
  machine: Machine,
  mounting: Mounting,
): readonly [program: string, file: string] | null {
  if (image.container !== null) {
    if (mounting.kind === "private") return null;
    const why = `it is a container image, and those need mounts: ${mounting.reason}`;
    throw cannotRun(image, why, "Use a machine where they are permitted");
  }
  if (image.layers.length > 0 && mounting.kind === "none") {
    const why = `layers cannot be mounted at /opt here: ${mounting.reason}`;
    throw cannotRun(
      image,
      `it has ${image.layers.length} layer(s) and ${why}`,
      "Remove them, or use such a machine",
    );
  }
  if (image.runtime.startsWith("nodejs")) return [machine.node, "node-bootstrap.mjs"];
  if (image.runtime.startsWith("python")) {
    const python = findProgram("python3", machine.searchPath);
    if (python === null) {
      throw cannotRun(image, "python3 is not in PATH", "Install Python 3 and start the sandbox again");
    }
    return [python, "python_bootstrap.py"];
  }
  if (image.runtime.startsWith("provided")) return null;
  throw cannotRun(
    image,
    `its runtime "${image.runtime}" is none of nodejs*, python*, provided*`,
    "Use one of these",
  );
}

/** How to start the function. Throws as `interpreterOf`. */
export function launchPlan(
  image: FunctionImage,
  machine: Machine,
  mounting: Mounting,
  files: FunctionFiles,
): LaunchPlan {
  const interpreter = interpreterOf(image, machine, mounting);
  if (files.image !== null && image.container !== null) return imagePlan(image, image.container, files.image);
  const mounted = files.mounting !== null;
  const place = {
    mounting: files.mounting,
    into: [],
    folder: files.task,
    taskRoot: mounted ? "/var/task" : files.task,
  };
  if (interpreter === null) {
    const { path, obstacle } = findBootstrap(files);
    return { kind: "os", command: [path], obstacle, ...place };
  }
  const [program, file] = interpreter;
  const command = [program, join(mounted ? "/var/runtime" : bootstraps, file)];
  return { kind: "managed", command, obstacle: null, ...place };
}

function imagePlan(image: FunctionImage, container: ContainerImage, files: ImageFiles): LaunchPlan {
  return {
    kind: "image",
    command: [...container.entryPoint, ...container.command],
    mounting: files.mounting,
    into: intoImage(files, container),
    folder: files.root,
    taskRoot: "/var/task",
    obstacle: imageObstacle(files, image),
  };
}

function cannotRun(image: Runnable, reason: string, todo: string): ApiError {
  return invalidParameter(`The sandbox cannot run function ${image.functionName}: ${reason}. ${todo}.`);
}

/** Where an environment is reached and logs. */
export interface EnvironmentPlace {
  /** host:port */
  readonly runtimeApi: string;
  /** Where the function reaches the other services; null leaves AWS_ENDPOINT_URL out. */
  readonly endpoint: string | null;
  readonly logGroup: string;
  readonly logStream: string;
}

/** Nobody listens there: traces are not taken. Source: recorded answers of functions on AWS. */
const tracingHost = "169.254.100.1";

/** Variables that managed runtimes of one language have. Source: recorded answers of functions on AWS. */
function languageVariables(runtime: string, folder: string): Record<string, string> {
  const [, language, number = ""] = /^(nodejs|python)([\d.]+)/.exec(runtime) ?? [];
  if (language === undefined) return {};
  const shell = { SHLVL: "0", PWD: folder };
  if (language === "python") {
    const coerced = Number(number.split(".")[1]) >= 12 ? { LC_CTYPE: "C.UTF-8" } : {};
    return { ...shell, ...coerced, PYTHONPATH: "/var/runtime" };
  }
  const generation = number.split(".")[0];
  const modules = [`/opt/nodejs/node${generation}/node_modules`, "/opt/nodejs/node_modules"];
  return {
    ...shell,
    NODE_PATH: [...modules, "/var/runtime/node_modules", "/var/runtime", folder].join(delimiter),
  };
}

/**
 * All variables of a function's process; nothing of the sandbox's own environment gets through.
 * Source: Lambda, defined runtime environment variables. AWS_ENDPOINT_URL is the sandbox's own addition.
 */
export function environmentVariables(
  image: FunctionImage,
  plan: LaunchPlan,
  place: EnvironmentPlace,
): Record<string, string> {
  if (image.container !== null) {
    return { ...imageVariables(image.container), TZ: ":UTC", ...commonVariables(image, plan, place) };
  }
  const programs = plan.kind === "managed" ? plan.command.slice(0, 1).map((program) => dirname(program)) : [];
  return {
    PATH: [...new Set([...programs, "/usr/local/bin", "/usr/bin", "/bin", "/opt/bin"])].join(delimiter),
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    ...languageVariables(image.runtime, plan.taskRoot),
    // Where nothing is mounted it would keep the programs of some systems from starting: the runtimes set it later.
    ...(plan.mounting === null ? {} : { LD_LIBRARY_PATH: libraryPath(plan.kind) }),
    ...commonVariables(image, plan, place),
    _HANDLER: image.handler,
  };
}

/** What functions of zips and of images have. */
function commonVariables(
  image: FunctionImage,
  plan: LaunchPlan,
  place: EnvironmentPlace,
): Record<string, string> {
  return {
    AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
    AWS_XRAY_DAEMON_ADDRESS: `${tracingHost}:2000`,
    _AWS_XRAY_DAEMON_ADDRESS: tracingHost,
    _AWS_XRAY_DAEMON_PORT: "2000",
    ...(place.endpoint === null ? {} : { AWS_ENDPOINT_URL: place.endpoint }),
    ...image.environment,
    LAMBDA_TASK_ROOT: plan.taskRoot,
    LAMBDA_RUNTIME_DIR: "/var/runtime",
    ...(plan.kind === "managed" ? { AWS_EXECUTION_ENV: `AWS_Lambda_${image.runtime}` } : {}),
    AWS_LAMBDA_RUNTIME_API: place.runtimeApi,
    AWS_LAMBDA_FUNCTION_NAME: image.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: image.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(image.memorySize),
    AWS_LAMBDA_LOG_GROUP_NAME: place.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: place.logStream,
    AWS_LAMBDA_INITIALIZATION_TYPE: image.initialization ?? "on-demand",
    AWS_REGION: image.region,
    AWS_DEFAULT_REGION: image.region,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_SESSION_TOKEN: "test",
  };
}
