// Packs the published package, installs it in an empty folder and uses it there, as somebody who has no checkout does.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { buildPackage, packageFolder } from "./build-package.ts";
import { type Ended, root, runCommand, runTool } from "./run-command.ts";
import { countsLine } from "./test-counts.ts";

const folder = mkdtempSync(join(tmpdir(), "unplug-package-"));
const home = join(folder, "home");
const empty = join(folder, "empty");
const installed = join(empty, "node_modules/unplug-lambda");
const env = {
  ...process.env,
  PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`,
  UNPLUG_HOME: home,
};

interface Step {
  readonly name: string;
  readonly run: () => Promise<string | null>;
}

/** Each answers null, or what is wrong. The later ones need the earlier ones. */
const steps: readonly Step[] = [
  { name: "builds", run: () => buildPackage({ from: root, to: packageFolder }).then(() => null) },
  { name: "packs and installs", run: install },
  { name: "holds no TypeScript but declarations", run: holdsNoSource },
  { name: "prints its version", run: printsVersion },
  { name: "prints its help", run: () => unplug("--help").then(succeeded) },
  { name: "lists its faults", run: () => unplug("faults").then(succeeded) },
  { name: "refuses a command that it does not have with exit code 2", run: refusesUnknown },
  { name: "can be imported, with its laws and types", run: isLibrary },
  { name: "starts a sandbox that runs a function, typed", run: startsSandbox },
];

let failed = 0;
try {
  mkdirSync(empty);
  writeFileSync(join(empty, "package.json"), '{ "private": true, "type": "module" }\n');
  for (const { name, run } of steps) {
    const wrong = await run().catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    if (wrong !== null) failed++;
    console.log(wrong === null ? `ok     ${name}` : `FAILED ${name}\n${wrong.trimEnd()}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(countsLine({ passed: steps.length - failed, failed, skipped: 0 }));
process.exitCode = failed > 0 ? 1 : 0;

async function install(): Promise<string | null> {
  const packed = await runCommand("npm", ["pack", packageFolder, "--silent", "--pack-destination", folder], {
    env,
  });
  const tarball = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  if (packed.code !== 0 || tarball === undefined) return packed.output;
  const args = [
    "install",
    "--ignore-scripts",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    join(folder, tarball),
  ];
  return succeeded(await runCommand("npm", args, { cwd: empty, env }));
}

async function holdsNoSource(): Promise<string | null> {
  const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));
  return sources.length === 0 ? null : sources.join("\n");
}

async function printsVersion(): Promise<string | null> {
  const { version } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  const { output } = await unplug("--version");
  return output.trim() === version ? null : `it printed ${JSON.stringify(output)}, not ${version}`;
}

async function refusesUnknown(): Promise<string | null> {
  const { code, output } = await unplug("no-such-command");
  return code === 2 ? null : `exit code ${code}\n${output}`;
}

async function isLibrary(): Promise<string | null> {
  writeFileSync(
    join(empty, "use.ts"),
    `import * as unplug from "unplug-lambda";
     import { faultLaws, type LawBench } from "unplug-lambda/laws";
     export const ran: Promise<unplug.RunResult> | null = null;
     export const names: string[] = Object.keys(unplug);
     export const obey = (fault: unplug.AnyFault, bench: LawBench): Promise<void>[] =>
       Object.values(faultLaws).map((law) => law(fault, bench));\n`,
  );
  const code = `
    const { builtinFaults } = await import("unplug-lambda");
    const { faultLaws } = await import("unplug-lambda/laws");
    const { unplugMatchers } = await import("unplug-lambda/vitest");
    if (Object.keys(unplugMatchers).length === 0) throw new Error("it has no matchers");
    if (builtinFaults.length === 0 || Object.keys(faultLaws).length === 0) throw new Error("it is empty");`;
  const ran = await runCommand(process.execPath, ["-e", code], { cwd: empty, env });
  if (ran.code !== 0) return ran.output;
  const options = ["--ignoreConfig", "--noEmit", "--strict", "--module", "nodenext", "--types", "", "use.ts"];
  return succeeded(await runTool("typescript/bin/tsc", options, { cwd: empty, env }));
}

async function startsSandbox(): Promise<string | null> {
  const file = join(empty, "sandbox.ts");
  writeFileSync(
    file,
    `import { type Sandbox, startSandbox, zipOf } from "unplug-lambda/sandbox";
     const sandbox: Sandbox = await startSandbox({ timing: "none" });
     const call = (action: string, input: Readonly<Record<string, unknown>>) =>
       sandbox.cloud.call(action, input, { region: "us-east-1" });
     const ZipFile = await zipOf({ "index.mjs": "export const handler = async () => 'it runs';" });
     const Role = "arn:aws:iam::000000000000:role/any";
     await call("lambda:CreateFunction", {
       FunctionName: "f", Runtime: "nodejs22.x", Handler: "index.handler", Role, Code: { ZipFile },
     });
     const answer = await call("lambda:Invoke", { FunctionName: "f" });
     await sandbox.close();
     if (!JSON.stringify(Object(answer).Payload.toString()).includes("it runs")) throw new Error("it does not run");\n`,
  );
  const ran = await runCommand(process.execPath, [file], { cwd: empty, env });
  if (ran.code !== 0) return ran.output;
  const types = ["--typeRoots", join(root, "node_modules/@types"), "--types", "node"];
  const options = [
    "--ignoreConfig",
    "--noEmit",
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2024",
    ...types,
  ];
  return succeeded(await runTool("typescript/bin/tsc", [...options, file], { cwd: empty, env }));
}

function unplug(...args: string[]): Promise<Ended> {
  return runCommand(join(empty, "node_modules/.bin/unplug"), args, { cwd: empty, env });
}

function succeeded({ code, output }: Ended): string | null {
  return code === 0 ? null : `exit code ${code}\n${output}`;
}
