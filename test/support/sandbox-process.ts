import { basename } from "node:path";
import { zipOf } from "../../packages/sandbox/src/index.ts";
import { UnplugProcess } from "./unplug-process.ts";

/** A function that says which processes it is: its own, a child, and a child that has left its process group. */
const FAMILY = `
  import { spawn } from "node:child_process";
  const child = (options) => spawn("sleep", ["600"], { stdio: "ignore", ...options }).pid;
  export const handler = async () => [process.pid, child({}), child({ detached: true })];
`;

const authorization = (service: string): string =>
  `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;

/** `unplug sandbox` in a process of its own, called over HTTP. */
export class SandboxProcess implements AsyncDisposable {
  readonly process: UnplugProcess;
  readonly url: string;
  /** Its function's name, which its processes have in their environment. */
  readonly functionName: string;

  private constructor(process: UnplugProcess, url: string, functionName: string) {
    this.process = process;
    this.functionName = functionName;
    this.url = url;
  }

  /** `temporary` is where its own folders go, and the name of its function. */
  static async start(temporary: string, ...args: readonly string[]): Promise<SandboxProcess> {
    const own = Object.entries(process.env).filter(
      ([name]) => !/^(AWS_|UNPLUG_|VITEST|XDG_|NODE_)/.test(name),
    );
    const env = { ...Object.fromEntries(own), TMPDIR: temporary, HOME: temporary };
    const started = UnplugProcess.unplug(["sandbox", "--port", "0", "--timing", "none", ...args], env);
    try {
      const url = await started.until(
        "its address",
        () => /^export AWS_ENDPOINT_URL=(.+)$/m.exec(started.stdout)?.[1],
      );
      return new SandboxProcess(started, url, basename(temporary));
    } catch (error) {
      started.kill("SIGKILL");
      throw error;
    }
  }

  /** Makes a function and invokes it; gives the ids of its processes. */
  async family(): Promise<readonly number[]> {
    const zip = await zipOf({ "index.mjs": FAMILY });
    await this.#lambda("", {
      FunctionName: this.functionName,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: "arn:aws:iam::000000000000:role/any",
      Timeout: 60,
      Code: { ZipFile: zip.toString("base64") },
    });
    return await this.invoke();
  }

  async invoke(): Promise<readonly number[]> {
    const pids = await this.#lambda(`/${this.functionName}/invocations`, {});
    if (Array.isArray(pids)) return pids.map(Number);
    throw new Error(`The function answered ${JSON.stringify(pids)}.`);
  }

  /** An operation of SQS. */
  async sqs(operation: string, input: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    const headers = {
      authorization: authorization("sqs"),
      "x-amz-target": `AmazonSQS.${operation}`,
      "content-type": "application/x-amz-json-1.0",
    };
    return Object(await this.#post("/", headers, input));
  }

  /** Ends it with a signal, and says how it ended. */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    this.process.kill(signal);
    const { code, signal: by } = await this.process.ended;
    return code ?? by;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }

  #lambda(path: string, input: object): Promise<unknown> {
    return this.#post(`/2015-03-31/functions${path}`, { authorization: authorization("lambda") }, input);
  }

  async #post(path: string, headers: Record<string, string>, input: object): Promise<unknown> {
    const response = await fetch(this.url + path, { method: "POST", headers, body: JSON.stringify(input) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${text}`);
    return text === "" ? null : JSON.parse(text);
  }
}
