// many-sandboxes.ts COUNT NAME: starts and stops so many sandboxes, one after the other, in one process; every 30th runs a
// function of this name. Prints what they have left open in it, and is still there when that is something that keeps a process alive.
import { startSandbox, zipOf } from "../../packages/sandbox/src/index.ts";

const [count, FunctionName] = process.argv.slice(2);
const caller = { region: "us-east-1" };
const ZipFile = await zipOf({
  "index.mjs": "export const handler = async ({ Records }) => Records?.length ?? 0;",
});

async function one(number: number): Promise<void> {
  const runs = number % 30 === 0;
  const sandbox = await startSandbox({ timing: "none", ...(runs ? {} : { mounts: "none" }) });
  const call = (action: string, input: Readonly<Record<string, unknown>>) =>
    sandbox.cloud.call(action, input, caller);
  await call("sqs:CreateQueue", { QueueName: "orders" });
  await call("lambda:CreateFunction", {
    FunctionName,
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/any",
    Code: { ZipFile },
  });
  const EventSourceArn = "arn:aws:sqs:us-east-1:000000000000:orders";
  await call("lambda:CreateEventSourceMapping", { FunctionName, EventSourceArn });
  if (runs) await call("lambda:Invoke", { FunctionName });
  await (await fetch(`${sandbox.url}/_unplug/health`)).text();
  await sandbox.close();
}

for (let number = 1; number <= Number(count); number++) await one(number);
const open = process.getActiveResourcesInfo().filter((kind) => /Server|Process|Timeout|Immediate/.test(kind));
process.stdout.write(`${JSON.stringify({ open })}\n`);
