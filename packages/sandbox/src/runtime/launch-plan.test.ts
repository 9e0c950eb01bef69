import { afterAll, beforeAll, expect, test } from "vitest";
import type { FunctionImage } from "../runtime-port.ts";
import { imageOf, layerOf, type RuntimeForTest, runtimeForTest } from "./runtime-for-test.ts";

let shared: RuntimeForTest;
beforeAll(async () => {
  shared = await runtimeForTest();
});
afterAll(async () => {
  await shared.close();
});

async function node(source: string, changes: Partial<FunctionImage> = {}): Promise<FunctionImage> {
  return await imageOf({ "index.js": source }, changes);
}

test("runs an ESM handler with top-level await and gives it the context of Lambda", async () => {
  const source = `const ready = await Promise.resolve("yes");
    export const handler = async (event, context) => ({
      ready, left: context.getRemainingTimeInMillis(), id: context.awsRequestId, name: context.functionName,
      arn: context.invokedFunctionArn, memory: context.memoryLimitInMB, group: context.logGroupName, stream: context.logStreamName,
      version: context.functionVersion });`;
  const settings = { functionName: "esm", handler: "src/app.handler", timeoutSeconds: 600 };
  const image = await imageOf({ "src/app.mjs": source }, settings);
  const { value } = await shared.call(image);
  expect(value).toMatchObject({
    ready: "yes",
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    name: "esm",
    arn: image.functionArn,
    memory: "256",
    group: "/aws/lambda/esm",
    stream: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
    version: "$LATEST",
  });
  expect(Object(value).left).toBeGreaterThan(500_000);
  expect(Object(value).left).toBeLessThanOrEqual(600_001);
});

test("answers what a callback handler hands over, and its error", async () => {
  const source = `exports.handler = (event, context, callback) => {
    setTimeout(() => (event.bad ? callback(new TypeError("no good")) : callback(null, { ok: true })), 5); };`;
  const image = await node(source, { functionName: "callback" });
  expect((await shared.call(image)).value).toEqual({ ok: true });
  const bad = await shared.call(image, { bad: true });
  expect(bad).toMatchObject({
    functionError: "Unhandled",
    value: { errorType: "TypeError", errorMessage: "no good" },
  });
  const newer = { ...image, runtime: "nodejs24.x", revision: "2" };
  expect((await shared.call(newer)).value).toMatchObject({ errorType: "Runtime.CallbackHandlerDeprecated" });
});

test("gives the function the documented variables and its own, and none of the sandbox's", async () => {
  const image = await node(`exports.handler = async () => ({ env: process.env, cwd: process.cwd() });`, {
    functionName: "variables",
    environment: { MOOD: "fine", AWS_LAMBDA_FUNCTION_NAME: "another" },
  });
  const { env, cwd } = Object((await shared.call(image)).value);
  expect(
    Object.keys(env)
      .filter((name) => !/^(PWD|OLDPWD|SHLVL|_)$/.test(name))
      .sort(),
  ).toEqual(
    [
      ..."_HANDLER _X_AMZN_TRACE_ID LAMBDA_TASK_ROOT LAMBDA_RUNTIME_DIR AWS_EXECUTION_ENV MOOD PATH LANG TZ".split(
        " ",
      ),
      ..."AWS_XRAY_CONTEXT_MISSING AWS_XRAY_DAEMON_ADDRESS _AWS_XRAY_DAEMON_ADDRESS _AWS_XRAY_DAEMON_PORT".split(
        " ",
      ),
      ..."LD_LIBRARY_PATH NODE_PATH".split(" "),
      ..."RUNTIME_API FUNCTION_NAME FUNCTION_VERSION FUNCTION_MEMORY_SIZE LOG_GROUP_NAME LOG_STREAM_NAME INITIALIZATION_TYPE"
        .split(" ")
        .map((name) => `AWS_LAMBDA_${name}`),
      ..."REGION DEFAULT_REGION ACCESS_KEY_ID SECRET_ACCESS_KEY SESSION_TOKEN ENDPOINT_URL"
        .split(" ")
        .map((name) => `AWS_${name}`),
    ].sort(),
  );
  expect(env).toMatchObject({
    AWS_LAMBDA_FUNCTION_NAME: "variables",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x",
    TZ: ":UTC",
    AWS_ENDPOINT_URL: "http://127.0.0.1:1",
    LAMBDA_TASK_ROOT: cwd,
  });
});

test.each([
  ["Runtime.ImportModuleError", { "other.js": "" }, "index.handler", /Cannot find module 'index'/],
  [
    "Runtime.ImportModuleError",
    { "index.js": `require("./nowhere")` },
    "index.handler",
    /^Error: Cannot find module '.\/nowhere'\nRequire stack:\n- \/var\/task\/index.js\n- \/var\/runtime\/index.mjs$/,
  ],
  [
    "Runtime.HandlerNotFound",
    { "index.js": "exports.other = 1" },
    "index.handler",
    /^index.handler is undefined or not exported$/,
  ],
  ["Runtime.UserCodeSyntaxError", { "index.js": "exports.handler = (" }, "index.handler", /SyntaxError/],
  ["RangeError", { "index.js": `throw new RangeError("too far")` }, "index.handler", /^too far$/],
  ["Runtime.MalformedHandlerName", { "index.js": "" }, "index", /^Bad handler$/],
])(
  "reports %s of the initialisation and throws the environment away",
  async (errorType, files, handler, message) => {
    const image = await imageOf(files, {
      functionName: `init-${Object.values(files).join("").length}-${handler}`,
      handler,
    });
    const answer = await shared.call(image);
    expect(answer.functionError).toBe("Unhandled");
    expect(answer.value).toMatchObject({
      errorType,
      errorMessage: expect.stringMatching(message),
      trace: expect.any(Array),
    });
    expect(answer.tail).toMatch(/INIT_REPORT Init Duration: .*Status: error/);
  },
);

test("reports a rejection that nobody handled, and starts anew", async () => {
  const source = `let n = 0; exports.handler = async (event) => { n++; if (event.bad) { Promise.reject(new Error("forgotten")); await new Promise((r) => setTimeout(r, 1000)); } return n; };`;
  const image = await node(source, { functionName: "rejection" });
  const bad = await shared.call(image, { bad: true });
  expect(bad.value).toMatchObject({
    errorType: "Runtime.UnhandledPromiseRejection",
    errorMessage: "Error: forgotten",
    trace: expect.arrayContaining([expect.stringContaining("/var/runtime/index.mjs")]),
  });
  expect(bad.tail).toContain('"reason":{"errorType":"Error","errorMessage":"forgotten","stack":[');
  expect(bad.tail).toContain("(/var/task/index.js:1:");
  expect((await shared.call(image)).value).toBe(1);
});

test("runs Python handlers with their context, logs and errors", async () => {
  const source = [
    "import os, logging",
    "count = 0",
    "def handler(event, context):",
    "    global count",
    "    count += 1",
    "    print('printed')",
    "    logging.getLogger().warning('warned')",
    "    if event.get('bad'):",
    "        raise ValueError('wrong value')",
    "    return {'count': count, 'pid': os.getpid(), 'id': context.aws_request_id, 'left': context.get_remaining_time_in_millis()}",
  ].join("\n");
  const image = await imageOf(
    { "app.py": source },
    { functionName: "py", runtime: "python3.12", handler: "app.handler", timeoutSeconds: 600 },
  );
  const first = await shared.call(image);
  expect(first.value).toMatchObject({ count: 1, id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(Object(first.value).left).toBeGreaterThan(500_000);
  expect(first.tail).toMatch(
    /^printed\n\[WARNING\]\t\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z\t[0-9a-f-]{36}\twarned\n/m,
  );
  const bad = await shared.call(image, { bad: true });
  expect(bad.value).toEqual({
    errorMessage: "wrong value",
    errorType: "ValueError",
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    stackTrace: [`  File "/var/task/app.py", line 9, in handler\n    raise ValueError('wrong value')\n`],
  });
  expect(bad.tail).toContain(
    `[ERROR] ValueError: wrong value\nTraceback (most recent call last):\n\u00a0\u00a0File "/var/task/app.py", line 9, in handler\n\u00a0\u00a0\u00a0\u00a0raise ValueError('wrong value')\nEND `,
  );
  expect(shared.lines.map(({ line }) => line)).toContainEqual(
    expect.stringMatching(/^\[ERROR\] ValueError.*raise ValueError\('wrong value'\)$/s),
  );
  expect((await shared.call(image)).value).toMatchObject({ count: 3, pid: Object(first.value).pid });
});

test("reports a Python module that cannot be imported", async () => {
  const image = await imageOf(
    { "app.py": "import nowhere" },
    { functionName: "py2", runtime: "python3.12", handler: "app.handler" },
  );
  expect((await shared.call(image)).value).toMatchObject({
    errorType: "Runtime.ImportModuleError",
    errorMessage: "Unable to import module 'app': No module named 'nowhere'",
  });
});

test("runs the bootstrap of an OS-only runtime", async () => {
  const bootstrap = `#!/bin/sh
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
while :; do
  id=$(${JSON.stringify(process.execPath)} -e '
    const http = require("node:http"); const api = process.argv[1];
    http.get(api + "/next", (next) => { const id = next.headers["lambda-runtime-aws-request-id"];
      const post = http.request(api + "/" + id + "/response", { method: "POST" }, (answer) => { answer.resume(); answer.on("end", () => process.exit(0)); });
      next.pipe(post); });' "$api")
done
`;
  const image = await imageOf(
    { bootstrap },
    { functionName: "own", runtime: "provided.al2023", handler: "any" },
  );
  expect((await shared.call(image, { echo: 1 })).value).toEqual({ echo: 1 });
  expect((await shared.call(image, { echo: 2 })).value).toEqual({ echo: 2 });
});

test("starts managed runtimes through AWS_LAMBDA_EXEC_WRAPPER, and refuses one that is not there as AWS does", async () => {
  const wrapper = `#!/bin/sh\nexport WRAPPED="$#"\nexec "$@"\n`;
  const files = { "wrap.sh": wrapper, "index.js": `exports.handler = async () => process.env.WRAPPED;` };
  const image = await imageOf(files, {
    functionName: "wrapped",
    environment: { AWS_LAMBDA_EXEC_WRAPPER: "/var/task/wrap.sh" },
  });
  expect((await shared.call(image)).value).toBe("2");
  const gone = { ...image, revision: "2", environment: { AWS_LAMBDA_EXEC_WRAPPER: "/opt/nowhere" } };
  const answer = await shared.call(gone);
  expect(answer.value).toMatchObject({
    errorType: "Runtime.ExitError",
    errorMessage: expect.stringMatching(/exit status 127$/),
  });
  expect(answer.tail).toContain("/opt/nowhere: does not exist\n");
});

test("refuses what cannot run here with one clear message", async () => {
  const plain = await runtimeForTest({}, "none");
  const layer = await layerOf({ x: "" });
  const image = await node("exports.handler = async () => 1;", { functionName: "refused", layers: [layer] });
  await expect(plain.call(image)).rejects.toThrow(
    /cannot run function refused: it has 1 layer\(s\) and layers cannot be mounted at \/opt here: not wanted/,
  );
  await expect(plain.call({ ...image, layers: [], runtime: "java21" })).rejects.toThrow(
    /"java21" is none of nodejs/,
  );
  await plain.close();
  const own = await runtimeForTest({ machine: { node: process.execPath, searchPath: "/nowhere" } });
  await expect(own.call({ ...image, layers: [], runtime: "python3.12" })).rejects.toThrow(
    /python3 is not in PATH/,
  );
  await own.close();
});

test("treats handlers that return no promise, and promises that never settle, as each Node.js runtime does", async () => {
  const sync = await node("exports.handler = () => 7;", { functionName: "sync" });
  expect((await shared.call(sync)).value).toBeNull();
  expect((await shared.call({ ...sync, revision: "2", runtime: "nodejs24.x" })).value).toBe(7);
  const never = await node("exports.handler = () => new Promise(() => {});", { functionName: "never" });
  expect((await shared.call(never)).value).toBeNull();
  const newer = await shared.call({ ...never, revision: "2", runtime: "nodejs24.x" });
  expect(newer).toMatchObject({ functionError: "Unhandled", value: { errorType: "Runtime.NodeJsExit" } });
  const thrown = await node("exports.handler = () => { throw new TypeError('at once'); };", {
    functionName: "thrown",
  });
  for (const runtime of ["nodejs22.x", "nodejs24.x"]) {
    const answer = await shared.call({ ...thrown, runtime, revision: runtime });
    expect(answer.value).toMatchObject({ errorType: "TypeError", errorMessage: "at once" });
  }
});

test("reports a package of an OS-only runtime without a bootstrap that can be started", async () => {
  const image = await imageOf({ other: "" }, { functionName: "bare", runtime: "provided.al2023" });
  expect((await shared.call(image)).value).toMatchObject({
    errorType: "Runtime.InvalidEntrypoint",
    errorMessage: expect.stringMatching(
      /Error: Couldn't find valid bootstrap\(s\): \[\/var\/task\/bootstrap \/opt\/bootstrap\]$/,
    ),
  });
});
