import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const U = "packages/unplug/src";
const S = "packages/sandbox/src";
const I = "packages/interceptor/src";
const uses = (from: string) => `import { x } from "${from}";\nexport const y = x;\n`;

/** File, text, and a part of the message that lint must give there; null where it must give none. */
const planted: readonly (readonly [name: string, file: string, text: string, message: string | null])[] = [
  ["contract/ uses node", `${U}/contract/a.ts`, uses("node:fs"), "contract/ may import"],
  ["contract/ uses engine/", `${U}/contract/b.ts`, uses("../engine/run.ts"), "contract/ may import"],
  ["contract/ uses another package", `${U}/contract/c.ts`, uses("yaml"), "contract/ may import"],
  ["contract/ uses itself and zod", `${U}/contract/d.ts`, `${uses("./json.ts")}export * from "zod";\n`, null],
  ["engine/ uses faults/", `${U}/engine/a.ts`, uses("../faults/index.ts"), "engine/ may import"],
  [
    "engine/ uses a type of aws/",
    `${U}/engine/b.ts`,
    'export type { X } from "../aws/x.ts";\n',
    "engine/ may import",
  ],
  [
    "engine/ uses aws/ later",
    `${U}/engine/j.ts`,
    'export const a = () => import("../aws/x.ts");\n',
    "engine/ may import",
  ],
  [
    "engine/ uses a type of aws/ in passing",
    `${U}/engine/k.ts`,
    'export type A = import("../aws/x.ts").X;\n',
    "consistent-type-imports",
  ],
  ["engine/ uses the SDK", `${U}/engine/c.ts`, uses("@aws-sdk/client-lambda"), "speaks to the AWS SDK"],
  ["engine/ starts a process", `${U}/engine/d.ts`, uses("node:child_process"), "start processes"],
  [
    "engine/ uses a folder that is not there yet",
    `${U}/engine/e.ts`,
    uses("../newcomer/x.ts"),
    "engine/ may import",
  ],
  [
    "engine/ uses contract/ and itself",
    `${U}/engine/f.ts`,
    `${uses("../contract/json.ts")}export * from "./run.ts";\n`,
    null,
  ],
  [
    "report/html/ uses engine/",
    `${U}/report/html/a.ts`,
    uses("../../engine/run.ts"),
    "report/html/ may import",
  ],
  ["report/html/ uses node", `${U}/report/html/b.ts`, uses("node:child_process"), "start processes"],
  [
    "report/html/ uses report/, contract/ and itself",
    `${U}/report/html/c.ts`,
    `${uses("../fold.ts")}export * from "../../contract/json.ts";\nexport * from "./page.ts";\n`,
    null,
  ],
  ["a resource uses its sibling", `${U}/resources/a.ts`, uses("./mapping.ts"), "resources/ may import"],
  ["a resource uses engine/", `${U}/resources/b.ts`, uses("../engine/run.ts"), "resources/ may import"],
  ["the list of resources uses them", `${U}/resources/index.ts`, uses("./mapping.ts"), null],
  ["a fault uses another fault", `${U}/faults/a.ts`, uses("./lambda-throttle.ts"), "faults/ may import"],
  ["a fault uses aws/", `${U}/faults/b.ts`, uses("../aws/lambda.ts"), "faults/ may import"],
  ["a fault uses contract/", `${U}/faults/c.ts`, uses("../contract/fault.ts"), null],
  ["a fault uses what faults have in common", `${U}/faults/d.ts`, uses("./target-function.ts"), null],
  ["the list of faults uses them", `${U}/faults/index.ts`, uses("./lambda-throttle.ts"), null],
  [
    "the list of faults uses aws/",
    `${U}/faults/nested/index.ts`,
    uses("../../aws/lambda.ts"),
    "faults/ may import",
  ],
  ["a probe uses faults/", `${U}/probes/a.ts`, uses("../faults/index.ts"), "probes/ may import"],
  ["guard/ uses load/", `${U}/guard/a.ts`, uses("../load/nearest.ts"), "guard/ may import"],
  ["journal/ uses engine/", `${U}/journal/a.ts`, uses("../engine/run.ts"), "journal/ may import"],
  ["secrets/ uses aws/", `${U}/secrets/a.ts`, uses("../aws/credentials.ts"), "secrets/ may import"],
  ["report/ uses journal/", `${U}/report/a.ts`, uses("../journal/x.ts"), "report/ may import"],
  ["aws/ uses engine/", `${U}/aws/a.ts`, uses("../engine/run.ts"), "aws/ may import"],
  ["aws/ uses the SDK", `${U}/aws/b.ts`, uses("@aws-sdk/client-lambda"), null],
  ["cli/ uses the SDK", `${U}/cli/a.ts`, uses("@smithy/types"), "speaks to the AWS SDK"],
  ["cli/ uses the sandbox", `${U}/cli/b.ts`, uses("@unplug/sandbox"), "use the sandbox"],
  [
    "cli/ uses the sandbox by its path",
    `${U}/cli/c.ts`,
    uses("../../../sandbox/src/index.ts"),
    "use the sandbox",
  ],
  [
    "cli/ uses everything of ours",
    `${U}/cli/d.ts`,
    `${uses("../engine/run.ts")}export * from "node:child_process";\n`,
    null,
  ],
  [
    "cli/ uses the sandbox later",
    `${U}/cli/o.ts`,
    'export const a = () => import("@unplug/sandbox");\n',
    "use the sandbox",
  ],
  [
    "cli/demo.ts uses the sandbox later",
    `${U}/cli/demo.ts`,
    'export const a = () => import("@unplug/sandbox");\n',
    null,
  ],
  ["cli/sandbox.ts uses the sandbox", `${U}/cli/sandbox.ts`, uses("@unplug/sandbox"), null],
  ["cli/demo-block.ts uses the sandbox", `${U}/cli/demo-block.ts`, uses("@unplug/sandbox"), null],
  ["a test of the engine uses the sandbox", `${U}/engine/a.test.ts`, uses("@unplug/sandbox"), null],
  ["the public door uses the SDK", `${U}/index.ts`, uses("@aws-sdk/client-lambda"), "speaks to the AWS SDK"],
  ["carriers/ uses faults/", `${U}/carriers/a.ts`, uses("../faults/block.ts"), "carriers/ may import"],
  ["carriers/ uses zip/", `${U}/carriers/c.ts`, uses("../zip/index.ts"), null],
  ["zip/ uses contract/", `${U}/zip/a.ts`, uses("../contract/json.ts"), "zip/ may import itself"],
  ["zip/ starts a process", `${U}/zip/b.ts`, uses("node:child_process"), "start processes"],
  ["zip/ uses itself and Node.js", `${U}/zip/c.ts`, `${uses("./a.ts")}export * from "node:zlib";\n`, null],
  ["image/ uses contract/", `${U}/image/a.ts`, uses("../contract/json.ts"), "image/ may import itself"],
  ["registry/ uses image/", `${U}/registry/a.ts`, uses("../image/index.ts"), "registry/ may import itself"],
  ["registry/ uses the SDK", `${U}/registry/b.ts`, uses("@aws-sdk/client-ecr"), "speaks to the AWS SDK"],
  [
    "aws/ uses image/ and registry/",
    `${U}/aws/n.ts`,
    `${uses("../image/index.ts")}export * from "../registry/index.ts";\n`,
    null,
  ],
  ["load/ uses journal/", `${U}/load/a.ts`, uses("../journal/x.ts"), "load/ may import"],
  ["server/ uses cli/", `${U}/server/a.ts`, uses("../cli/main.ts"), "server/ may import"],
  ["the sandbox uses unplug", `${S}/a.ts`, uses("unplug-lambda"), "no mistake is shared"],
  [
    "the sandbox uses unplug by its path",
    `${S}/b.ts`,
    uses("../../unplug/src/contract/json.ts"),
    "no mistake is shared",
  ],
  [
    "a test of the sandbox uses unplug",
    `${S}/c.test.ts`,
    uses("../../unplug/src/contract/json.ts"),
    "no mistake is shared",
  ],
  ["the sandbox starts a process", `${S}/d.ts`, uses("node:child_process"), "start processes"],
  ["its runtime starts a process", `${S}/runtime/a.ts`, uses("node:child_process"), null],
  ["the sandbox uses the interceptor", `${S}/f.ts`, uses("@unplug/interceptor"), "no mistake is shared"],
  [
    "a test of the sandbox uses the interceptor",
    `${S}/g.test.ts`,
    uses("@unplug/interceptor"),
    "no mistake is shared",
  ],
  ["the interceptor uses unplug", `${I}/a.ts`, uses("unplug-lambda"), "imports nothing of ours"],
  [
    "the interceptor uses unplug by its path",
    `${I}/b.ts`,
    uses("../../unplug/src/contract/json.ts"),
    "imports nothing of ours",
  ],
  ["the interceptor uses the sandbox", `${I}/c.ts`, uses("@unplug/sandbox"), "imports nothing of ours"],
  [
    "a test of the interceptor uses the sandbox",
    `${I}/d.test.ts`,
    uses("../../sandbox/src/index.ts"),
    "imports nothing of ours",
  ],
  ["the interceptor uses the SDK", `${I}/e.ts`, uses("@aws-sdk/client-lambda"), "speaks to the AWS SDK"],
  ["the interceptor starts a process", `${I}/f.ts`, uses("node:child_process"), "start processes"],
  ["a test of the interceptor starts a process", `${I}/f.test.ts`, uses("node:child_process"), null],
  [
    "the interceptor uses itself and Node.js",
    `${I}/g.ts`,
    `${uses("./target.ts")}export * from "node:net";\n`,
    null,
  ],
  ["cli/ uses the interceptor", `${U}/cli/p.ts`, uses("@unplug/interceptor"), null],
  ["a part of cli/ uses the interceptor", `${U}/cli/exec/a.ts`, uses("@unplug/interceptor"), null],
  ["carriers/ uses the interceptor", `${U}/carriers/b.ts`, uses("@unplug/interceptor"), null],
  ["a test of the engine uses the interceptor", `${U}/engine/b.test.ts`, uses("@unplug/interceptor"), null],
  ["engine/ uses the interceptor", `${U}/engine/l.ts`, uses("@unplug/interceptor"), "use the interceptor"],
  [
    "engine/ uses a type of the interceptor",
    `${U}/engine/m.ts`,
    'export type { Target } from "@unplug/interceptor";\n',
    "use the interceptor",
  ],
  ["faults/ uses the interceptor", `${U}/faults/e.ts`, uses("@unplug/interceptor"), "use the interceptor"],
  ["aws/ uses the interceptor", `${U}/aws/c.ts`, uses("@unplug/interceptor"), "use the interceptor"],
  ["report/ uses the interceptor", `${U}/report/b.ts`, uses("@unplug/interceptor"), "use the interceptor"],
  [
    "contract/ uses the interceptor",
    `${U}/contract/e.ts`,
    uses("@unplug/interceptor"),
    "contract/ may import",
  ],
  [
    "the list of faults uses the interceptor",
    `${U}/faults/other/index.ts`,
    uses("@unplug/interceptor"),
    "use the interceptor",
  ],
  [
    "the public door uses the interceptor",
    `${U}/door.ts`,
    uses("@unplug/interceptor"),
    "use the interceptor",
  ],
  ["time is read", `${U}/engine/g.ts`, "export const a = Date.now();\n", "Time comes in"],
  ["time is read by the clock", `${U}/contract/clock.ts`, "export const a = Date.now();\n", null],
  ["dice are thrown", `${S}/e.ts`, "export const a = Math.random();\n", "Randomness comes in"],
  ["the process is ended", `${U}/engine/h.ts`, "process.exit(1);\n", "Only cli/ ends"],
  ["the console is used", `${U}/engine/i.ts`, 'console.log("x");\n', "no-console"],
  [
    "a promise is left alone",
    `${U}/cli/e.ts`,
    "const f = async () => 1;\nf();\n",
    "Promises must be awaited",
  ],
  [
    "a promise is taken for a condition",
    `${U}/cli/f.ts`,
    "const f = async () => 1;\nif (f()) process.exitCode = 1;\n",
    "Expected non-Promise",
  ],
  [
    "a case is missing",
    `${U}/cli/g.ts`,
    'export function f(a: "x" | "y"): number {\n  switch (a) {\n    case "x":\n      return 1;\n  }\n  return 2;\n}\n',
    "not exhaustive",
  ],
  ["any is written", `${U}/cli/h.ts`, "export const a = (b: any): unknown => b;\n", "no-explicit-any"],
  [
    "a disable comment has no use",
    `${U}/cli/i.ts`,
    "// oxlint-disable-next-line no-console\nexport const a = 1;\n",
    "directive",
  ],
  ["imports go round", `${U}/cli/j.ts`, 'export { k } from "./k.ts";\nexport const j = 1;\n', "no-cycle"],
  [
    "imports go round, the other half",
    `${U}/cli/k.ts`,
    'export { j } from "./j.ts";\nexport const k = 1;\n',
    "no-cycle",
  ],
  ["a file is long", `${U}/cli/l.ts`, `${"// x\n".repeat(301)}export const a = 1;\n`, "too many lines"],
  [
    "a function is long",
    `${U}/cli/m.ts`,
    `export function f(): number {\n${"  // x\n".repeat(60)}  return 1;\n}\n`,
    "too many lines",
  ],
  [
    "a function takes much",
    `${U}/cli/n.ts`,
    "export const f = (a: 1, b: 1, c: 1, d: 1, e: 1) => [a, b, c, d, e];\n",
    "too many parameters",
  ],
];

let folder: string;
let problems: { filename: string; text: string }[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "unplug-walls-"));
  for (const file of ["oxlint.config.ts", "tsconfig.json", "package.json", "scripts/walls.ts"]) {
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const [, file, text] of planted) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  problems = await lint(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.for(planted)("lint judges rightly when %s", ([, file, , message]) => {
  const said = problems.filter(({ filename }) => filename === file).map(({ text }) => text);

  if (message === null) expect(said).toEqual([]);
  else expect(said).toEqual([expect.stringContaining(message)]);
});

async function lint(cwd: string): Promise<{ filename: string; text: string }[]> {
  const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
  const run = promisify(execFile)(process.execPath, [oxlint, "--format", "json", "packages"], {
    cwd,
    maxBuffer: 1e8,
  });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  const { diagnostics } = JSON.parse(stdout);
  return diagnostics.map((found: Record<string, string>) => ({
    filename: found["filename"],
    text: `${found["code"] ?? ""} ${found["message"]} ${found["help"] ?? ""}`,
  }));
}
