import { basename } from "node:path";
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import { zipOf } from "../../packages/sandbox/src/index.ts";
import { REGION } from "./lab.ts";
import { UnplugProcess } from "./unplug-process.ts";

/** A function that says which processes it is: its own, a child, and a child that has left its process group. */
const FAMILY = `
  import { spawn } from "node:child_process";
  const child = (options) => spawn("sleep", ["600"], { stdio: "ignore", ...options }).pid;
  export const handler = async () => [process.pid, child({}), child({ detached: true })];
`;

/** `unplug sandbox` in a process of its own, for AWS clients. */
export class SandboxProcess implements AsyncDisposable {
  readonly process: UnplugProcess;
  readonly url: string;
  /** Its function's name, which its processes have in their environment. */
  readonly functionName: string;
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;

  private constructor(process: UnplugProcess, url: string, functionName: string) {
    this.process = process;
    this.functionName = functionName;
    this.url = url;
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client = { endpoint: url, region: REGION, credentials, maxAttempts: 1 };
    this.lambda = new LambdaClient(client);
    this.sqs = new SQSClient(client);
  }

  /** `temporary` is where its own folders go, and the name of its function. */
  static async start(temporary: string, ...args: readonly string[]): Promise<SandboxProcess> {
    const own = Object.entries(process.env).filter(
      ([name]) => !/^(AWS_|UNPLUG_|VITEST|XDG_|NODE_)/.test(name),
    );
    const env = { ...Object.fromEntries(own), TMPDIR: temporary, HOME: temporary };
    const started = UnplugProcess.unplug(["sandbox", "--port", "0", "--timing", "none", ...args], env);
    const url = await started.until(
      "its address",
      () => /^export AWS_ENDPOINT_URL=(.+)$/m.exec(started.stdout)?.[1],
    );
    return new SandboxProcess(started, url, basename(temporary));
  }

  /** Makes a function and invokes it; gives the ids of its processes. */
  async family(): Promise<readonly number[]> {
    await this.lambda.send(
      new CreateFunctionCommand({
        FunctionName: this.functionName,
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Role: "arn:aws:iam::000000000000:role/any",
        Timeout: 60,
        Code: { ZipFile: await zipOf({ "index.mjs": FAMILY }) },
      }),
    );
    return await this.invoke();
  }

  async invoke(): Promise<readonly number[]> {
    const { Payload } = await this.lambda.send(new InvokeCommand({ FunctionName: this.functionName }));
    const pids: unknown = JSON.parse(Buffer.from(Payload ?? []).toString());
    if (Array.isArray(pids)) return pids.map(Number);
    throw new Error(`The function answered ${String(Payload)}.`);
  }

  /** Ends it with a signal, and says how it ended. */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    this.process.kill(signal);
    const { code, signal: by } = await this.process.ended;
    return code ?? by;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.lambda.destroy();
    this.sqs.destroy();
    await this.end("SIGKILL");
  }
}
