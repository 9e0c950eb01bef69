import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base } from "vitest";
import { type Sandbox, type SandboxOptions, startSandbox, zipOf } from "../../packages/sandbox/src/index.ts";
import { type End, UnplugProcess } from "./unplug-process.ts";

export const REGION = "us-east-1";
const ACCOUNT = "000000000000";
export const TOGGLE = "lambda-toggle-event-mapping-state";

const IDLE = "export const handler = async () => 'ok';";

export interface FunctionOptions {
  readonly source?: string;
  readonly memory?: number;
  /** Seconds. */
  readonly timeout?: number;
}

type Answer = Readonly<Record<string, unknown>>;

/** A whole system for one test: a local AWS over HTTP, a folder for Unplug's state, and processes of Unplug. */
export class Lab implements AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly folder: string;
  readonly #processes: UnplugProcess[] = [];

  constructor(sandbox: Sandbox, folder: string) {
    this.sandbox = sandbox;
    this.folder = folder;
  }

  static async open(options: SandboxOptions = { timing: "fast" }): Promise<Lab> {
    return new Lab(await startSandbox(options), await mkdtemp(join(tmpdir(), "unplug-system-")));
  }

  /** Where the journal is, unless a process is told otherwise. */
  get home(): string {
    return join(this.folder, "home");
  }

  /** The environment of a process of Unplug: this lab's AWS, this lab's state, nothing of the surroundings' AWS. */
  get env(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(
      ([name]) => !/^(AWS_|UNPLUG_|VITEST|CI$|XDG_|NODE_)/.test(name),
    );
    return {
      ...Object.fromEntries(own),
      ...this.sandbox.exports,
      HOME: join(this.folder, "nobody"),
      UNPLUG_HOME: this.home,
    };
  }

  /** One operation by somebody else: neither recorded nor touched by the switches. */
  async call(action: string, input: Answer): Promise<Answer> {
    return Object(await this.sandbox.cloud.call(action, input, { region: REGION, internal: true }));
  }

  async addFunction(
    name: string,
    { source = IDLE, memory = 128, timeout = 10 }: FunctionOptions = {},
  ): Promise<void> {
    await this.call("lambda:CreateFunction", {
      FunctionName: name,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: `arn:aws:iam::${ACCOUNT}:role/${name}`,
      Timeout: timeout,
      MemorySize: memory,
      Code: { ZipFile: await zipOf({ "index.mjs": source }) },
    });
    await waitFor(async () => (await this.configuration(name))["State"] === "Active");
  }

  /** Mappings of queues of their own, `<function>-0` and so on; resolves when all are Enabled. */
  async addMappings(name: string, count: number, settings: Answer = {}): Promise<readonly string[]> {
    const uuids = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        await this.call("sqs:CreateQueue", { QueueName: `${name}-${i}` });
        const made = await this.call("lambda:CreateEventSourceMapping", {
          FunctionName: name,
          EventSourceArn: queueArn(`${name}-${i}`),
          ...settings,
        });
        return String(made["UUID"]);
      }),
    );
    await Promise.all(uuids.map((uuid) => this.reaches(uuid, "Enabled")));
    return uuids;
  }

  /** A function with so many mappings. */
  async addFed(name: string, count: number): Promise<readonly string[]> {
    await this.addFunction(name);
    return this.addMappings(name, count);
  }

  configuration(name: string): Promise<Answer> {
    return this.call("lambda:GetFunctionConfiguration", { FunctionName: name });
  }

  mapping(uuid: string): Promise<Answer> {
    return this.call("lambda:GetEventSourceMapping", { UUID: uuid });
  }

  async stateOf(uuid: string): Promise<string> {
    return String((await this.mapping(uuid))["State"]);
  }

  async tagsOf(uuid: string): Promise<Answer> {
    return Object((await this.call("lambda:ListTags", { Resource: mappingArn(uuid) }))["Tags"]);
  }

  async reaches(uuid: string, state: string): Promise<void> {
    await waitFor(async () => (await this.stateOf(uuid)) === state);
  }

  async send(queue: string, bodies: readonly string[]): Promise<void> {
    const { QueueUrl } = await this.call("sqs:GetQueueUrl", { QueueName: queue });
    for (let at = 0; at < bodies.length; at += 10) {
      const Entries = bodies.slice(at, at + 10).map((body, i) => ({ Id: `m${i}`, MessageBody: body }));
      await this.call("sqs:SendMessageBatch", { QueueUrl, Entries });
    }
  }

  /** Everything of a function and its mappings that a fault may have changed. */
  async snapshot(name: string, uuids: readonly string[]): Promise<unknown> {
    const mappings = await Promise.all(
      uuids.map(async (uuid) => ({
        mapping: less(await this.mapping(uuid), ["LastModified"]),
        tags: await this.tagsOf(uuid),
      })),
    );
    return {
      mappings,
      configuration: less(await this.configuration(name), ["RevisionId", "LastModified"]),
      concurrency: await this.call("lambda:GetFunctionConcurrency", { FunctionName: name }),
    };
  }

  /** A process of Unplug, ended with the lab. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): UnplugProcess {
    return this.adopt(UnplugProcess.unplug(args, { ...this.env, ...env }));
  }

  adopt(started: UnplugProcess): UnplugProcess {
    this.#processes.push(started);
    return started;
  }

  /** A run of the toggle on all mappings of a function, its events as ndjson; `more` are tunables and flags. */
  toggle(
    name: string,
    more: Readonly<Record<string, string | number>> = {},
    flags: readonly string[] = [],
  ): UnplugProcess {
    const tunables = { FUNCTION_NAME: name, REGION, EVENT_UUIDS: "all", ...more };
    const assignments = Object.entries(tunables).map(([key, value]) => `${key}=${value}`);
    return this.start(["fault", TOGGLE, ...assignments, "--format", "ndjson", ...flags]);
  }

  /** A command from its start to its end. */
  async unplug(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<End & { stdout: string; stderr: string }> {
    const started = this.start(args, env);
    const end = await started.ended;
    return { ...end, stdout: started.stdout, stderr: started.stderr };
  }

  /** Writes that came over HTTP, refused ones too. */
  writes(): readonly string[] {
    return this.sandbox.cloud.record
      .all()
      .filter(({ action }) => /:(Update|Put|Delete|Tag|Untag|Create|Publish|Set)/.test(action))
      .map(({ action, outcome }) => `${action} ${outcome}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Ends what still runs, suspended or not, then the sandbox and its functions. */
  async close(): Promise<void> {
    for (const started of this.#processes) if (started.child.exitCode === null) started.kill("SIGKILL");
    await Promise.all(this.#processes.map(({ ended }) => ended));
    await this.sandbox.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Tests that are handed a lab of their own; `timing` is how long its AWS takes. */
export function labTest(timing: "fast" | "none") {
  return base.extend<{ lab: Lab }>({
    lab: async ({ onTestFinished }, use) => {
      const lab = await Lab.open({ timing });
      onTestFinished(() => lab.close());
      await use(lab);
    },
  });
}

function queueArn(name: string): string {
  return `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
}

function mappingArn(uuid: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:event-source-mapping:${uuid}`;
}

/** Resolves when `holds` does, looked at again and again; the test's own time limit ends it. */
export async function waitFor(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

function less(value: Answer, keys: readonly string[]): Answer {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}
