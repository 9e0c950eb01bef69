import { randomInt } from "node:crypto";
import { basename } from "node:path";
import { type Architecture, interceptorFor } from "@unplug/interceptor";
import { Refusal } from "../contract/refusal.ts";
import { endAs } from "./exec/end-as.ts";
import { type ExecFlags, type ExecOptions, readExecFlags } from "./exec/exec-options.ts";
import { findProgram } from "./exec/find-program.ts";
import { goToolWarning } from "./exec/go-tool.ts";
import { impatientLookUp } from "./exec/impatient-look-up.ts";
import { type GoCommand, openInterception } from "./exec/interception.ts";
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
import { wayInto } from "./exec/way-into.ts";
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
  const go = goOrNot({ command, file, path: shell.env["PATH"] }, architecture);
  const interceptor = interceptorFor(architecture);
  // A copy, before the look-ups add to it.
  const env = { ...shell.env };
  const known = await resolveTargets(options, shell);
  const blocking: Blocking = {
    ...options,
    seed: options.seed ?? BigInt(randomInt(2 ** 32)),
    ...timesOf(options, Date.now()),
  };
  const say = (line: string) => options.quiet || shell.stderr.write(`${line}\n`);
  const warning = goToolWarning(file, args);
  if (warning !== null) say(warning);
  say(openingLine(blocking));
  for (const line of unresolvedLines(unresolvedNames(options.targets, known))) say(line);

  let running: StartedProgram | null = null;
  // From here on a signal is the program's: it ends, and then the folder goes.
  const relay = relaySignals(() => running);
  let end: ProgramEnd;
  try {
    const configuration = {
      ...blocking,
      run: null,
      ifSet: null,
      unless: null,
      known,
      exempt: [],
    };
    using interception = openInterception({ interceptor, configuration, go }, env);
    running = await startProgram({
      file: interception.program ?? file,
      name: command,
      args,
      env: interception.env,
    });
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

/** A Go program with the hook in it; null for what the interceptor is loaded into. Throws a Refusal where neither is possible. */
function goOrNot({ command, file, path }: Found, architecture: Architecture): GoCommand | null {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const way = wayInto(file, { architecture, path, uid, gid });
  if (way.by === "patch") return { name: basename(file), patched: way.patched, preloads: way.preloads };
  if (way.by === "preload") return null;
  throw new Refusal(
    `Nothing could be blocked in ${command}; it was not started.`,
    [`${way.file}: ${way.because}`],
    "Expected a program that a dynamic linker loads, glibc's or musl's, or a script that such a one runs; or a program of Go 1.19 or later.",
  );
}

/** In whole seconds, as the interceptor takes them; `now` in milliseconds. */
function timesOf(
  { afterMs, forMs }: ExecOptions,
  now: number,
): Pick<Blocking, "fromSeconds" | "untilSeconds"> {
  return {
    fromSeconds: afterMs === 0 ? null : Math.ceil((now + afterMs) / 1000),
    untilSeconds: forMs === null ? null : Math.ceil((now + afterMs + forMs) / 1000),
  };
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
