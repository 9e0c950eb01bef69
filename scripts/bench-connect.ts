import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIGURATION_VARIABLE, newTally } from "../packages/interceptor/src/index.ts";
import { mayMakeNamespaces, namespaceOptions } from "../test/support/namespaces.ts";
import { type Contender, contenders, rivals } from "./bench-contenders.ts";
import { type Ground, lacking, withProgram } from "./bench-program.ts";
import { configurationOf, manyTargets } from "./bench-targets.ts";
import { type Measured, median } from "./measured.ts";
import { runCommand } from "./run-command.ts";

const runs = 21;

/** Nanoseconds of a connect in one run: libc's own, and what is called with the contender loaded. */
interface Run {
  readonly libc: number;
  readonly added: number;
  /** Added instructions, the kernel's left out; null where they cannot be counted. */
  readonly instructions: number | null;
}

/**
 * What a connect costs that is allowed: on a UDP socket, to an address that is no target, in a network namespace. Each run is
 * a process that alternates between libc's function and the one loaded before it; the contenders take turns.
 */
export async function benchConnect(): Promise<Measured> {
  const absent = await absentContenders();
  const found = await withProgram("connect", async (ground) => {
    if (!mayMakeNamespaces("unshare")) {
      return "no network namespace can be made here (apt-get install util-linux iproute2, and leave to make them)";
    }
    writeFileSync(join(ground.folder, "tally"), newTally(manyTargets.targets.length));
    writeFileSync(join(ground.folder, "proxychains.conf"), "strict_chain\n[ProxyList]\nsocks4 127.0.0.1 9\n");
    writeFileSync(join(ground.folder, "torsocks.conf"), "AllowOutboundLocalhost 2\n");
    const all = new Map<string, Run[]>();
    for (let round = 0; round < runs; round++) {
      for (const contender of contenders) {
        if (absent.has(contender.name)) continue;
        all.set(contender.name, [...(all.get(contender.name) ?? []), await measure(contender, ground)]);
      }
    }
    return all;
  });
  if (typeof found === "string") return figuresOf(new Map(), () => found);
  return figuresOf(found, (name) => absent.get(name) ?? "");
}

/** By name, why. */
async function absentContenders(): Promise<ReadonlyMap<string, string>> {
  const absent = new Map<string, string>();
  const hasIpv6 = existsSync("/proc/net/if_inet6");
  for (const { name, program, address } of contenders) {
    const why = program === undefined ? null : await lacking(...program);
    if (why !== null) absent.set(name, why);
    if (address.includes(":") && !hasIpv6) absent.set(name, "this machine has no IPv6");
  }
  return absent;
}

async function measure(
  { name, address, by, blocked, refused = [] }: Contender,
  ground: Ground,
): Promise<Run> {
  const setUp = `ip link set lo up && ip addr replace ${address} dev lo && exec "$@"`;
  const kind = name === "nothing" ? "alone" : "interposed";
  const words = [...by(ground), join(ground.folder, "connect"), kind, address, ...refused];
  const { code, output } = await runCommand(
    "unshare",
    [...namespaceOptions, "sh", "-c", setUp, "sh", ...words],
    {
      env: {
        ...process.env,
        PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`,
        ...(blocked && {
          [CONFIGURATION_VARIABLE]: configurationOf(blocked, join(ground.folder, "tally")),
        }),
      },
    },
  );
  const [ns, instructions] = ["", "instructions "].map((what) => {
    const [, libc, called] = new RegExp(`^${what}libc ([\\d.]+) called ([\\d.]+)$`, "m").exec(output) ?? [];
    return libc === undefined ? null : { libc: Number(libc), added: Number(called) - Number(libc) };
  });
  const isArmed = blocked === undefined || output.includes(` targets=${blocked.targets.length}\n`);
  if (code === 0 && isArmed && ns) return { ...ns, instructions: instructions?.added ?? null };
  throw new Error(`${words.join(" ")} ended with ${code}:\n${output}`);
}

const uncounted = "this machine lets nobody count instructions (perf_event_open)";

function figuresOf(found: ReadonlyMap<string, readonly Run[]>, whyNot: (name: string) => string): Measured {
  const figures = new Map<string, number | string>();
  const ours = ["3 targets", "1,000 targets", "3 targets, IPv6", "1,000 targets, IPv6"];
  for (const name of ours) {
    const all = found.get(name);
    const added = all === undefined ? whyNot(name) : median(all.map((run) => run.added));
    const counted = all === undefined ? whyNot(name) : (all[0]?.instructions ?? uncounted);
    figures.set(`ns added, ${name}`, added);
    figures.set(`instructions added, ${name}`, counted);
  }
  for (const rival of rivals) {
    const theirs = found.get(rival);
    const ratios = found.get("1,000 targets")?.map(({ added }, run) => added / (theirs?.[run]?.added ?? 0));
    const ratio = theirs === undefined || ratios === undefined ? whyNot(rival) : median(ratios);
    figures.set(`1,000 targets, of what ${rival} adds`, ratio);
  }
  return {
    says: [...found].map(([name, all]) => lineOf(name, all)).concat(speedOf(found.get("nothing") ?? [])),
    figures: Object.fromEntries(figures),
  };
}

/** What share of its time a processor has for one program is not this machine's alone to say when it is a virtual one. */
function speedOf(runs: readonly Run[]): string[] {
  const libc = runs.map((run) => run.libc);
  const factor = Math.max(...libc) / Math.min(...libc);
  if (runs.length === 0 || factor < 1.2) return [];
  return [
    `libc's own connect took up to ${factor.toFixed(2)} times as long in one run as in another: trust ratios and instructions here, not nanoseconds`,
  ];
}

function lineOf(name: string, all: readonly Run[]): string {
  const added = all.map((run) => run.added);
  const range = `${Math.min(...added).toFixed(1)} to ${Math.max(...added).toFixed(1)}`;
  const libc = median(all.map((run) => run.libc));
  const ratio = median(all.map((run) => (run.libc + run.added) / run.libc));
  const instructions = all[0]?.instructions ?? null;
  const counted = instructions === null ? "" : ` and ${instructions.toFixed(0)} instructions`;
  return (
    `${name}: ${median(added).toFixed(1)} ns (${range})${counted} added to ${libc.toFixed(0)} ns, ratio ${ratio.toFixed(3)}, ` +
    `median of ${all.length} runs`
  );
}
