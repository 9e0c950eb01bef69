import { randomInt } from "node:crypto";
import { type Architecture, interceptorFor } from "@unplug/interceptor";
import { Refusal } from "../contract/refusal.ts";
import { endAs } from "./exec/end-as.ts";
import { type ExecFlags, type ExecOptions, readExecFlags } from "./exec/exec-options.ts";
import { findProgram } from "./exec/find-program.ts";
import { impatientLookUp } from "./exec/impatient-look-up.ts";
import { openInterception } from "./exec/interception.ts";
import {
  type KnownAddress,
  knownAddresses,
  unblockableNames,
  unresolvedNames,
} from "./exec/known-addresses.ts";
import { relaySignals } from "./exec/relay-signals.ts";
import { type ProgramEnd, type StartedProgram, startProgram } from "./exec/start-program.ts";
import { type Blocking, closingLines, openingLine, unresolvedLines } from "./exec/summary.ts";
import { supportedArchitecture } from "./exec/supported-architecture.ts";
import { whyUnreachable } from "./exec/unreachable.ts";
import type { Shell } from "./shell.ts";

export interface ExecRequest {
  /** As it was typed: a name or a path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly flags: ExecFlags;
}

/** How long COMMAND waits for the addresses of the targets' names. */
const LOOK_UPS_MS = 2000;

/** `unplug exec`: runs a program whose TCP connections to some targets fail. It ends as the program ends. */
export async function execCommand({ command, args, flags }: ExecRequest, shell: Shell): Promise<number> {
  const architecture = supportedArchitecture(process.platform, process.arch);
  const options = await readExecFlags(flags);
  const file = findProgram(command, shell.env["PATH"]);
  refuseUnreachable({ command, file, path: shell.env["PATH"] }, architecture);
  const interceptor = interceptorFor(architecture);
  // A copy, before the look-ups add to it.
  const env = { ...shell.env };
  const known = await resolveTargets(options, shell);
  const blocking: Blocking = {
    ...options,
    seed: options.seed ?? BigInt(randomInt(2 ** 32)),
    untilSeconds: options.forMs === null ? null : Math.ceil((Date.now() + options.forMs) / 1000),
  };
  const say = (line: string) => options.quiet || shell.stderr.write(`${line}\n`);
  say(openingLine(blocking));
  for (const line of unresolvedLines(unresolvedNames(options.targets, known))) say(line);

  let running: StartedProgram | null = null;
  // From here on a signal is the program's: it ends, and then the folder goes.
  const relay = relaySignals(() => running);
  let end: ProgramEnd;
  try {
    const configuration = {
      ...blocking,
      fromSeconds: null,
      run: null,
      ifSet: null,
      unless: null,
      known,
      exempt: [],
    };
    using interception = openInterception(interceptor, configuration, env);
    running = await startProgram({ file, name: command, args, env: interception.env });
    end = await running.ended;
    for (const line of closingLines(blocking, interception.tally(), Date.now() / 1000)) say(line);
  } finally {
    relay.close();
  }
  return "signal" in end ? endAs(end.signal) : end.code;
}

interface Found {
  readonly command: string;
  readonly file: string;
  /** PATH. */
  readonly path: string | undefined;
}

function refuseUnreachable({ command, file, path }: Found, architecture: Architecture): void {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const obstacle = whyUnreachable(file, { architecture, path, uid, gid });
  if (obstacle === null) return;
  throw new Refusal(
    `Nothing could be blocked in ${command}; it was not started.`,
    [`${obstacle.file}: ${obstacle.because}`],
    "Expected a program that a dynamic linker loads, glibc's or musl's, or a script that such a one runs.",
  );
}

async function resolveTargets({ targets }: ExecOptions, shell: Shell): Promise<readonly KnownAddress[]> {
  if (!targets.some(({ kind }) => kind === "name")) return [];
  const known = await knownAddresses(targets, impatientLookUp(process.env), AbortSignal.timeout(LOOK_UPS_MS));
  for (const name of unblockableNames(known)) {
    shell.stderr.write(
      `unplug: warning: ${name} has no address here but loopback or link-local ones (169.254.0.0/16, fe80::/10, fd00:ec2::/32), which are always let through\n`,
    );
  }
  return known;
}
