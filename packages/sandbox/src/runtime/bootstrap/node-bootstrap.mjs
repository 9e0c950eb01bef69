// The managed runtime for nodejs*: loads the handler, then asks the Runtime API for one invocation after another.
// Plain JavaScript without dependencies, because it runs inside the function's own process.

import { existsSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { asOnAws, failure, missing, runtimeFile, shapeOf, withErrors } from "./node-errors.mjs";

const env = process.env;
const api = env.AWS_LAMBDA_RUNTIME_API;
const colon = api.lastIndexOf(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const generation = Number(/nodejs(\d+)/.exec(env.AWS_EXECUTION_ENV ?? "")?.[1] ?? 0);
const exit = process.exit.bind(process);
const write = process.stdout.write.bind(process.stdout);
let requestId;

// Variables of AWS that would keep the programs of some systems from starting are set for child processes only.
env.LD_LIBRARY_PATH ??= `/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:${env.LAMBDA_TASK_ROOT}:${env.LAMBDA_TASK_ROOT}/lib:/opt/lib`;

function call(method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        method,
        host: api.slice(0, colon),
        port: Number(api.slice(colon + 1)),
        path: `/2018-06-01/runtime/${path}`,
        headers: body === undefined ? headers : { ...headers, "content-length": Buffer.byteLength(body) },
      },
      (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({
            status: answer.statusCode,
            headers: answer.headers,
            text: Buffer.concat(parts).toString(),
          }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

// One line per record: the sandbox takes the control character RS inside for a line break.
function print(level, ...values) {
  const text = format(...values).replaceAll("\n", "\x1e");
  write(`${new Date().toISOString()}\t${requestId ?? "undefined"}\t${level}\t${text}\n`);
}
const levels = { log: "INFO", info: "INFO", debug: "DEBUG", warn: "WARN", error: "ERROR", trace: "TRACE" };
for (const [name, level] of Object.entries(levels)) {
  console[name] = (...values) => print(level, ...values);
}

function report(title, error) {
  const shape = shapeOf(error);
  let text;
  try {
    text = JSON.stringify(error, withErrors);
  } catch {
    text = JSON.stringify(shape);
  }
  print("ERROR", `${title} \t${text}`);
  return shape;
}

async function fatalInInit(error) {
  const shape = report("Uncaught Exception", error);
  const headers = {
    "content-type": "application/json",
    "lambda-runtime-function-error-type": shape.errorType,
  };
  await call("POST", "init/error", JSON.stringify(shape), headers).catch(() => undefined);
  exit(1);
}

async function postError(id, title, error) {
  const shape = report(title, error);
  const headers = {
    "content-type": "application/json",
    "lambda-runtime-function-error-type": shape.errorType,
  };
  await call("POST", `invocation/${id}/error`, JSON.stringify(shape), headers);
}

async function fatal(error, status) {
  const id = requestId;
  if (id === undefined) {
    return await fatalInInit(error);
  }
  await postError(id, "Uncaught Exception", error).catch(() => undefined);
  exit(status);
}

function isMissing(error) {
  return error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_MODULE_NOT_FOUND";
}

async function importFile(file) {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    if (isMissing(error)) throw failure("Runtime.ImportModuleError", `Error: ${missing(error.message)}`);
    if (error instanceof SyntaxError)
      throw failure("Runtime.UserCodeSyntaxError", `SyntaxError: ${asOnAws(error.message)}`);
    throw error;
  }
}

async function loadHandler(root, text) {
  const folder = text.slice(0, text.lastIndexOf("/") + 1);
  const [moduleName, ...path] = text.slice(folder.length).split(".");
  if (text.includes("..")) {
    throw failure(
      "Runtime.MalformedHandlerName",
      `'${text}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  if (!moduleName || path.length === 0) throw failure("Runtime.MalformedHandlerName", "Bad handler");
  const stem = join(root, folder, moduleName);
  const file = [stem, `${stem}.js`, `${stem}.mjs`, `${stem}.cjs`].find(
    (name, at) => (at > 0 || /\.\w+$/.test(stem)) && existsSync(name),
  );
  if (file === undefined) {
    const told = `Error: Cannot find module '${folder}${moduleName}'\nRequire stack:\n- ${runtimeFile}`;
    throw failure("Runtime.ImportModuleError", told);
  }
  const loaded = await importFile(file);
  const find = (start) => path.reduce((value, name) => value?.[name], start);
  const found = find(loaded) ?? find(loaded.default);
  if (found === undefined) throw failure("Runtime.HandlerNotFound", `${text} is undefined or not exported`);
  if (typeof found !== "function") throw failure("Runtime.HandlerNotFound", `${text} is not a function`);
  if (generation >= 24 && found.length >= 3) {
    throw failure(
      "Runtime.CallbackHandlerDeprecated",
      "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.",
    );
  }
  return found;
}

function parsed(header) {
  return header === undefined ? undefined : JSON.parse(header);
}

function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed(headers["lambda-runtime-client-context"]),
    identity: parsed(headers["lambda-runtime-cognito-identity"]),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

function withCallback(handler, event, context) {
  return new Promise((resolve, reject) => {
    const whenIdle = () => resolve(null);
    process.once("beforeExit", whenIdle);
    const settle = (error, value) => {
      process.removeListener("beforeExit", whenIdle);
      const end = () => (error === null || error === undefined ? resolve(value) : reject(error));
      if (context.callbackWaitsForEmptyEventLoop && (error === null || error === undefined)) {
        process.once("beforeExit", end);
      } else {
        end();
      }
    };
    const at = (error, value) => {
      context.callbackWaitsForEmptyEventLoop = false;
      settle(error, value);
    };
    Object.assign(context, {
      succeed: (value) => at(null, value),
      fail: (error) => at(error ?? new Error("handled"), undefined),
      done: (error, value) => at(error, value),
    });
    const result = handler(event, context, settle);
    if (typeof result?.then === "function") {
      result.then(
        (value) => at(null, value),
        (error) => at(error ?? new Error("Unhandled rejection"), undefined),
      );
    }
  });
}

function run(handler, event, context) {
  if (generation < 24) return withCallback(handler, event, context);
  return new Promise((resolve, reject) => {
    const whenIdle = () =>
      fatal(
        failure(
          "Runtime.NodeJsExit",
          "The Lambda runtime client detected an unexpected Node.js exit code. This is usually caused by a Promise that was never settled.",
        ),
        128,
      );
    process.once("beforeExit", whenIdle);
    const forget = () => process.removeListener("beforeExit", whenIdle);
    new Promise((done) => done(handler(event, context))).then(
      (value) => (forget(), resolve(value)),
      (error) => (forget(), reject(error)),
    );
  });
}

function encode(value) {
  try {
    return JSON.stringify(value === undefined ? null : value) ?? "null";
  } catch {
    throw failure("Runtime.MarshalError", "Unable to stringify response body");
  }
}

async function serve(handler) {
  for (;;) {
    requestId = undefined;
    const { headers, text } = await call("GET", "invocation/next");
    const id = headers["lambda-runtime-aws-request-id"];
    requestId = id;
    env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"] ?? "";
    let body;
    try {
      const context = contextOf(headers);
      body = encode(await run(handler, JSON.parse(text), context));
    } catch (error) {
      await postError(id, "Invoke Error", error);
      continue;
    }
    await call("POST", `invocation/${id}/response`, body, { "content-type": "application/json" });
  }
}

process.on("uncaughtException", (error) => fatal(error, 129));
process.on("unhandledRejection", (reason, promise) => {
  const error = failure("Runtime.UnhandledPromiseRejection", String(reason));
  return fatal(Object.assign(error, { reason, promise }), 128);
});

let handler;
try {
  handler = await loadHandler(env.LAMBDA_TASK_ROOT, env._HANDLER ?? "");
} catch (error) {
  await fatalInInit(error);
}
// The sandbox has gone when the connection breaks: nothing is left to serve.
await serve(handler).catch(() => exit(1));
