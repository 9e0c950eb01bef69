import { accessSync, constants } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ApiError, invalidParameter } from "../api-error.ts";
import type { FunctionImage } from "../runtime-port.ts";

/** How the process of one environment is started. */
export interface LaunchPlan {
  /** "managed" runtimes honour AWS_LAMBDA_EXEC_WRAPPER; the OS-only ones do not. Source: Lambda runtime wrappers. */
  readonly kind: "managed" | "os";
  readonly command: readonly string[];
}

/** What a plan needs to know of the machine. */
export interface Machine {
  /** Node.js for functions */
  readonly node: string;
  /** Value of PATH, in which python3 is looked for. */
  readonly searchPath: string;
}

const bootstraps = fileURLToPath(new URL("./bootstrap", import.meta.url));

/**
 * How to start the function, whatever its version of the runtime: one Node.js and one Python serve all of them.
 * Throws ApiError InvalidParameterValueException for what cannot run here: layers (they need a private /opt, which
 * needs mount namespaces), container images, other runtimes, and python* without python3.
 */
export function launchPlan(image: FunctionImage, machine: Machine, folder: string): LaunchPlan {
  if (image.layers.length > 0) {
    throw cannotRun(
      image,
      `it has ${image.layers.length} layer(s) and layers cannot be mounted at /opt yet`,
      "Remove them",
    );
  }
  if (image.runtime.startsWith("nodejs")) {
    return { kind: "managed", command: [machine.node, join(bootstraps, "node-bootstrap.mjs")] };
  }
  if (image.runtime.startsWith("python")) {
    const python = findProgram("python3", machine.searchPath);
    if (python === null) {
      throw cannotRun(image, "python3 is not in PATH", "Install Python 3 and start the sandbox again");
    }
    return { kind: "managed", command: [python, join(bootstraps, "python_bootstrap.py")] };
  }
  if (image.runtime.startsWith("provided")) return { kind: "os", command: [join(folder, "bootstrap")] };
  const name = image.runtime === "" ? "of a container image" : `"${image.runtime}"`;
  throw cannotRun(image, `its runtime ${name} is none of nodejs*, python*, provided*`, "Use one of these");
}

function cannotRun(image: FunctionImage, reason: string, todo: string): ApiError {
  return invalidParameter(`The sandbox cannot run function ${image.functionName}: ${reason}. ${todo}.`);
}

/**
 * Why the plan's program cannot be started, in Lambda's words; null when it can. Only a package without a usable
 * `bootstrap` is found out here: programs of managed runtimes are the sandbox's own.
 */
export function startObstacle(plan: LaunchPlan): string | null {
  const [program] = plan.command;
  if (plan.kind === "managed" || program === undefined) return null;
  try {
    accessSync(program, constants.F_OK);
  } catch {
    return "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";
  }
  try {
    accessSync(program, constants.X_OK);
  } catch {
    return "fork/exec /var/task/bootstrap: permission denied";
  }
  return null;
}

/** The first executable of that name in a search path; null when there is none. */
function findProgram(name: string, searchPath: string): string | null {
  for (const folder of searchPath.split(delimiter)) {
    if (folder === "") continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here: the next folder is tried.
    }
  }
  return null;
}

/** Where an environment runs and logs. */
export interface EnvironmentPlace {
  readonly folder: string;
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
  const programs = plan.kind === "managed" ? plan.command.slice(0, 1).map((program) => dirname(program)) : [];
  return {
    PATH: [...new Set([...programs, "/usr/local/bin", "/usr/bin", "/bin", "/opt/bin"])].join(delimiter),
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    ...languageVariables(image.runtime, place.folder),
    AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
    AWS_XRAY_DAEMON_ADDRESS: `${tracingHost}:2000`,
    _AWS_XRAY_DAEMON_ADDRESS: tracingHost,
    _AWS_XRAY_DAEMON_PORT: "2000",
    ...(place.endpoint === null ? {} : { AWS_ENDPOINT_URL: place.endpoint }),
    ...image.environment,
    _HANDLER: image.handler,
    LAMBDA_TASK_ROOT: place.folder,
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
