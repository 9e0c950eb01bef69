import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { startSandbox } from "../../packages/sandbox/src/index.ts";
import { goCache } from "../support/built-go.ts";
import { environment, writeProject } from "../support/doc-examples.ts";
import { builtImage, putImage } from "../support/image-builder.ts";
import { needs, needsAll } from "../support/needs.ts";
import { readyImages } from "../support/ready-images.ts";

const SCRIPT = join(import.meta.dirname, "../../docs/first-contact.sh");

/** A server that no rule takes for loopback, where the machine has an address; a name has not to be looked up. */
async function somebody(): Promise<string> {
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const address = own.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
  if (address === undefined) return "192.0.2.1:443";
  const server = createServer((socket) => socket.destroy()).listen(0, address);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const bound = server.address();
  return `${address}:${typeof bound === "object" && bound !== null ? bound.port : 0}`;
}

/** The script, in a process group of its own as a terminal has it, against a sandbox of its own. */
async function contact(programs: readonly string[], image = false) {
  const folder = await mkdtemp(join(tmpdir(), "unplug-first-contact-"));
  const sandbox = await startSandbox({ timing: "fast" });
  await writeProject(folder, []);
  if (image) {
    const [region, repository] = ["us-east-1", "theirs"];
    await sandbox.cloud.call("ecr:CreateRepository", { repositoryName: repository }, { region });
    const built = builtImage(await readyImages.withoutShell.parts());
    await putImage(sandbox.cloud, { repository, tag: "v1", region }, built);
  }
  const child = spawn("bash", [SCRIPT], {
    cwd: folder,
    detached: true,
    env: {
      ...environment(folder, programs),
      ...sandbox.exports,
      GOCACHE: goCache,
      ...(image ? { FIRST_CONTACT_IMAGE: "000000000000.dkr.ecr.us-east-1.amazonaws.com/theirs:v1" } : {}),
      FIRST_CONTACT_HOLD: "12",
      FIRST_CONTACT_WAIT: "1",
      FIRST_CONTACT_HOST: await somebody(),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const signal = (name: NodeJS.Signals) => {
    if (child.pid !== undefined) process.kill(-child.pid, name);
  };
  const ended = once(child, "close").then(([code]) => Number(code));
  onTestFinished(async () => {
    if (child.exitCode === null) signal("SIGKILL");
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  });
  const says = async (text: string) => {
    while (!said.includes(text) && child.exitCode === null) await once(child.stdout, "data");
    expect(said).toContain(text);
  };
  /** How many of each the account has, and what the script left on the disk. */
  const left = async () => {
    const count = async (action: string, member: string) => {
      const answer = Object(await sandbox.cloud.call(action, {}, { region: "us-east-1" }));
      return [...(answer[member] ?? [])].length;
    };
    const files = (await readdir(folder)).filter((name) => name.startsWith("tmp."));
    return {
      functions: await count("lambda:ListFunctions", "Functions"),
      mappings: await count("lambda:ListEventSourceMappings", "EventSourceMappings"),
      layers: await count("lambda:ListLayers", "Layers"),
      queues: await count("sqs:ListQueues", "QueueUrls"),
      roles: await count("iam:ListRoles", "Roles"),
      repositories: await count("ecr:DescribeRepositories", "repositories"),
      files: files.length,
    };
  };
  return { said: () => said, says, signal, ended, left };
}

const NOTHING = { functions: 0, mappings: 0, layers: 0, queues: 0, roles: 0, repositories: 0, files: 0 };

needsAll("aws-cli", "zip", "go", "gcc", "namespaces").test(
  "docs/first-contact.sh runs both faults on what it can make, prints its answers, and leaves nothing",
  async (aws) => {
    const { said, ended, left } = await contact([aws, needs("go").path ?? ""], true);

    expect(await ended, said()).toBe(0);

    const answers = said().slice(said().indexOf("What AWS answered"));
    expect(answers).toMatch(/lambda-toggle-event-mapping-state ended with exit code +0$/m);
    for (const what of ["Node.js", "Go", "Go, in an image"]) {
      expect(answers).toMatch(
        new RegExp(`^${what}: before, a connect said +connected environment=\\d+$`, "m"),
      );
      expect(answers).toMatch(
        new RegExp(`^${what}: then, within \\d+ s, a connect said +ECONNREFUSED environment=\\d+$`, "m"),
      );
      expect(answers).toMatch(new RegExp(`^${what}: after the restore, a connect said +connected `, "m"));
    }
    expect(answers).toMatch(/^Your image: then, within \d+ s, a connect said +.*reached.*ECONNREFUSED/m);
    expect(answers.match(/: lambda-block-tcp-connection ended with exit code +0$/gm)).toHaveLength(4);
    expect(answers.match(/: ListFunctions shows the marker in the variables of +1 function/gm)).toHaveLength(
      4,
    );
    expect(answers).toMatch(/CodeSha256 of an image is its digest +yes$/m);
    expect(answers).toMatch(/Images that are left in the repository, of 1 +1$/m);
    expect(answers).toMatch(/RevisionId changes again when it is Successful +yes$/m);
    expect(answers).toMatch(/unplug doctor ended with exit code +0$/m);
    expect(answers).not.toMatch(/Traceback|error occurred|usage:|not tried/i);
    expect(await left()).toEqual({ ...NOTHING, repositories: 1 });
  },
  400_000,
);

for (const [fault, text] of [
  ["the first", "held until"],
  ["the second", "Node.js: then"],
] as const) {
  needsAll("aws-cli", "zip").test(
    `Ctrl-C in ${fault} fault ends it, and leaves nothing`,
    async (aws) => {
      const { said, says, signal, ended, left } = await contact([aws]);
      await says(text);

      signal("SIGINT");

      expect(await ended, said()).toBe(130);
      expect(said()).toContain("Nothing is left.");
      expect(await left()).toEqual(NOTHING);
    },
    300_000,
  );
}
