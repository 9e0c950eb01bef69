import { startSandbox } from "./start-sandbox.ts";
import { zipOf } from "./zip-of.ts";

/** A sandbox in a process of its own, for tests that kill it: prints what a function of it says, and stays. */
const sandbox = await startSandbox();
const region = "us-east-1";
const source = `const { spawn } = require("node:child_process");
  exports.handler = async () => ({ pids: [process.pid, spawn("sleep", ["600"]).pid, spawn("sleep", ["600"], { detached: true }).pid] });`;
const python = `import os, subprocess\ndef handler(event, context):\n    return {"pids": [os.getpid(), subprocess.Popen(["sleep", "600"]).pid]}\n`;

async function start(name: string, runtime: string, files: Record<string, string>): Promise<string> {
  const input = {
    FunctionName: name,
    Runtime: runtime,
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/any",
  };
  await sandbox.cloud.call(
    "lambda:CreateFunction",
    { ...input, Timeout: 30, Code: { ZipFile: await zipOf(files) } },
    { region },
  );
  for (;;) {
    const configuration = await sandbox.cloud.call(
      "lambda:GetFunctionConfiguration",
      { FunctionName: name },
      { region },
    );
    if (Object(configuration).State === "Active") break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const answer = await sandbox.cloud.call("lambda:Invoke", { FunctionName: name }, { region });
  return String(Object(answer).Payload);
}

const answers = [
  await start("one", "nodejs22.x", { "index.js": source }),
  await start("two", "python3.12", { "index.py": python }),
];
process.stdout.write(`${JSON.stringify(answers.flatMap((answer) => JSON.parse(answer).pids))}\n`);
