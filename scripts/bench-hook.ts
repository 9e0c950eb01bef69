import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { goHookFor } from "../packages/interceptor/src/go-hook.ts";
import { architectures, CONFIGURATION_VARIABLE } from "../packages/interceptor/src/index.ts";
import { patchGoWith } from "../packages/interceptor/src/patch-go.ts";
import { mayMakeNamespaces, namespaceOptions } from "../test/support/namespaces.ts";
import { compile, type Ground, withProgram } from "./bench-program.ts";
import { configurationOf, fewTargets, manyTargets } from "./bench-targets.ts";
import { type Measured, median } from "./measured.ts";
import { root, runCommand } from "./run-command.ts";

const runs = 21;

const contenders = [
  { name: "3 targets", blocked: fewTargets, refused: ["10.0.255.1"] },
  { name: "1,000 targets", blocked: manyTargets, refused: ["172.16.0.199", "10.77.3.250"] },
] as const;

type Contender = (typeof contenders)[number];
/** By call: nanoseconds that the hook adds. */
type Run = ReadonlyMap<string, { readonly plain: number; readonly added: number }>;

/**
 * What the hook adds to a call that is let through: to read and write of descriptors that it has nothing to do with, and to the
 * connect of a UDP socket. Each run is a process that alternates between Go's function with the hook and without.
 */
export async function benchHook(): Promise<Measured> {
  const calls = contenders.flatMap(({ name }) =>
    ["read", "write", "connect"].map((call) => ({ name, call, figure: `ns added, ${call}, ${name}` })),
  );
  if (process.arch !== "x64") return withoutFigures(calls, "this is measured on x86-64 alone");
  const found = await withProgram("hook", async (ground) => {
    if (!mayMakeNamespaces("unshare")) return "no network namespace can be made here";
    const program = await patched(ground);
    const all = contenders.map((contender) => ({ contender, runs: [] as Run[] }));
    for (let round = 0; round < runs; round++) {
      for (const { contender, runs: own } of all) own.push(await measure(program, contender));
    }
    return all;
  });
  if (typeof found === "string") return withoutFigures(calls, found);
  const said = calls.map(({ name, call, figure }) => {
    const own = found.find(({ contender }) => contender.name === name)?.runs ?? [];
    const added = own.map((run) => run.get(call)?.added ?? Number.NaN);
    const plain = median(own.map((run) => run.get(call)?.plain ?? Number.NaN));
    return { figure, added: median(added), plain, range: [Math.min(...added), Math.max(...added)] };
  });
  return {
    says: said.map(
      ({ figure, added, plain, range }) =>
        `${figure}: ${added.toFixed(1)} (${range.map((ns) => ns.toFixed(1)).join(" to ")}), to ${plain.toFixed(0)} ns`,
    ),
    figures: Object.fromEntries(said.map(({ figure, added }) => [figure, added])),
  };
}

function withoutFigures(calls: readonly { readonly figure: string }[], why: string): Measured {
  return { says: [], figures: Object.fromEntries(calls.map(({ figure }) => [figure, why])) };
}

async function patched({ folder }: Ground): Promise<string> {
  const [plain, hooked] = [join(folder, "static"), join(folder, "hooked")];
  const source = join(root, "packages/interceptor/native/bench/hook.c");
  await compile(source, plain, ["-O2", "-static"]);
  const result = patchGoWith(goHookFor("x86_64"), readFileSync(plain));
  if ("problem" in result) throw new Error(`${plain}: ${result.problem}`);
  writeFileSync(hooked, result.bytes);
  chmodSync(hooked, 0o755);
  return hooked;
}

async function measure(program: string, { name, blocked, refused }: Contender): Promise<Run> {
  const setUp = 'ip link set lo up && ip addr replace 10.99.0.1 dev lo && exec "$@"';
  const words = [program, "10.99.0.1", ...refused];
  const { code, output } = await runCommand(
    "unshare",
    [...namespaceOptions, "sh", "-c", setUp, "sh", ...words],
    {
      env: {
        ...process.env,
        PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`,
        [CONFIGURATION_VARIABLE]: configurationOf(blocked, null),
      },
    },
  );
  if (code !== 0 || !output.includes(` targets=${blocked.targets.length}\n`)) {
    throw new Error(`${words.join(" ")} for ${name} ended with ${code}:\n${output}`);
  }
  const lines = output.matchAll(/^(\w+) plain ([\d.]+) hooked ([\d.]+)$/gm);
  return new Map(
    [...lines].map(([, call = "", plain, hooked]) => [
      call,
      { plain: Number(plain), added: Number(hooked) - Number(plain) },
    ]),
  );
}

/** Bytes of the hooks, as they are and compressed. */
export async function benchHookSize(): Promise<Measured> {
  const figures = architectures.flatMap((architecture) => {
    const { bytes } = goHookFor(architecture);
    return [
      [`${architecture}, bytes`, bytes.length],
      [`${architecture}, bytes gzipped`, gzipSync(bytes, { level: 9 }).length],
    ];
  });
  return { says: [], figures: Object.fromEntries(figures) };
}
