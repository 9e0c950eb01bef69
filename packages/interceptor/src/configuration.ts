import { posix } from "node:path";
import { addressBytes } from "./address.ts";
import { parseTarget, type Target } from "./target.ts";

/** How a blocked connect fails: at once, after a time as a kernel would time out, or not before the program gives up. */
export const behaviors = ["refuse", "timeout", "hang"] as const;
export type Behavior = (typeof behaviors)[number];

/** The variable that holds a configuration; without it the interceptor reads the file `.conf` beside its `.so`. */
export const CONFIGURATION_VARIABLE = "UNPLUG_INTERCEPTOR";

/** What the interceptor is told. */
export interface Configuration {
  readonly behavior: Behavior;
  /** 1000 to 3600000; means something for `timeout` only. */
  readonly timeoutMs: number;
  /** 0 to 100, whole: of the connects that match. */
  readonly percentage: number;
  /** 0 to 2^64 - 1, for the dice of a percentage under 100. */
  readonly seed: bigint;
  /** Unix time before which everything passes, 1 to 4294967295 and before the end; null is at once. */
  readonly fromSeconds: number | null;
  /** Unix time from which on everything passes, 1 to 4294967295; null is never. */
  readonly untilSeconds: number | null;
  /** 1 to 64 of `A-Z a-z 0-9 . _ -`, or null. */
  readonly run: string | null;
  /** A variable of the environment without which a program runs untouched, or null. */
  readonly ifSet: string | null;
  /** A variable of the environment with whose value a program runs untouched, or null. */
  readonly unless: { readonly name: string; readonly value: string } | null;
  /** Absolute path of a file that `newTally` gave the bytes of; null counts nothing. */
  readonly tallyPath: string | null;
  /** At most 4096; none blocks all outbound TCP. */
  readonly targets: readonly Target[];
  /** Addresses of the targets' names, resolved ahead. */
  readonly known: readonly { readonly name: string; readonly address: string }[];
  /** At most 64 addresses or ranges, each with an optional port, that are let through. */
  readonly exempt: readonly string[];
}

/** The object reads a text that fills its buffer as one that was cut off (native/arm.c). */
const tooManyBytes = 262_144;

/** Writes version 1 of the format; what means nothing or is the default is left out. Throws on what it cannot hold. */
export function writeConfiguration(configuration: Configuration, separator: "\n" | ";"): string {
  const { targets, known, exempt } = configuration;
  if (targets.length > 4096) throw refused("targets", targets.length, "at most 4096");
  if (exempt.length > 64) throw refused("exempt", exempt.length, "at most 64");
  const entries = [
    "unplug=1",
    ...behaviorEntries(configuration),
    ...runEntries(configuration),
    `targets=${targets.length}`,
    ...targets.map((target) => `target=${checkedTarget(target)}`),
    ...known.map(({ name, address }) => `known=${checkedName(name)} ${checkedAddress(address)}`),
    ...exempt.map((text) => `exempt=${checkedExemption(text)}`),
  ];
  const text = entries.join(separator);
  const bytes = Buffer.byteLength(text);
  if (bytes >= tooManyBytes) throw refused("the whole text", `${bytes} bytes`, `less than ${tooManyBytes}`);
  return text;
}

function behaviorEntries({ behavior, timeoutMs, percentage, seed }: Configuration): string[] {
  if (!behaviors.includes(behavior)) throw refused("behavior", behavior, behaviors.join(", "));
  checkWhole("timeoutMs", timeoutMs, 1000, 3_600_000);
  checkWhole("percentage", percentage, 0, 100);
  if (seed < 0n || seed >= 2n ** 64n) throw refused("seed", seed, "0 to 2^64 - 1");
  return [
    `behavior=${behavior}`,
    ...(behavior === "timeout" ? [`timeout-ms=${timeoutMs}`] : []),
    ...(percentage === 100 ? [] : [`percentage=${percentage}`, `seed=${seed}`]),
  ];
}

function runEntries({ fromSeconds, untilSeconds, run, tallyPath, ...where }: Configuration): string[] {
  if (untilSeconds !== null) checkWhole("untilSeconds", untilSeconds, 1, 4_294_967_295);
  if (fromSeconds !== null) checkWhole("fromSeconds", fromSeconds, 1, (untilSeconds ?? 4_294_967_296) - 1);
  if (run !== null && !/^[A-Za-z0-9._-]{1,64}$/.test(run)) {
    throw refused("run", JSON.stringify(run), "1 to 64 letters, digits, dots, underscores and hyphens");
  }
  return [
    ...(fromSeconds === null ? [] : [`from=${fromSeconds}`]),
    ...(untilSeconds === null ? [] : [`until=${untilSeconds}`]),
    ...(run === null ? [] : [`run=${run}`]),
    ...whereEntries(where),
    ...(tallyPath === null ? [] : [`tally=${checkedPath(tallyPath)}`]),
  ];
}

function whereEntries({ ifSet, unless }: Pick<Configuration, "ifSet" | "unless">): string[] {
  const name = /^[A-Za-z_][A-Za-z0-9_]*$/;
  if (ifSet !== null && !name.test(ifSet)) {
    throw refused("ifSet", JSON.stringify(ifSet), "the name of a variable");
  }
  if (unless !== null && !(name.test(unless.name) && /^[!-:<-~]+$/.test(unless.value))) {
    const expected = "the name of a variable and printable ASCII without blanks and semicolons";
    throw refused("unless", JSON.stringify(unless), expected);
  }
  return [
    ...(ifSet === null ? [] : [`if-set=${ifSet}`]),
    ...(unless === null ? [] : [`unless=${unless.name}=${unless.value}`]),
  ];
}

function checkWhole(what: string, value: number, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw refused(what, value, `a whole number of ${min} to ${max}`);
  }
}

function checkedPath(path: string): string {
  const isWritable = posix.isAbsolute(path) && path.isWellFormed() && path === path.trim();
  if (isWritable && path !== "/" && !/[\0\n;]/.test(path) && Buffer.byteLength(path) < 4096) return path;
  throw refused(
    "tallyPath",
    JSON.stringify(path),
    "an absolute path of less than 4096 bytes without newline, semicolon and white space at its end",
  );
}

function checkedTarget({ text }: Target): string {
  const parsed = parseTarget(text);
  if ("problem" in parsed) throw refused("target", JSON.stringify(text), parsed.problem);
  if (parsed.target.text === text) return text;
  throw refused("target", JSON.stringify(text), `its canonical text, ${parsed.target.text}`);
}

function checkedName(name: string): string {
  const parsed = parseTarget(name);
  if ("target" in parsed && parsed.target.kind === "name" && parsed.target.port === null)
    return parsed.target.text;
  throw refused("the name of a known address", JSON.stringify(name), "a domain name");
}

function checkedAddress(address: string): string {
  const parsed = addressBytes(address) === null ? null : parseTarget(address);
  if (parsed !== null && "target" in parsed) return parsed.target.text;
  throw refused("a known address", JSON.stringify(address), "an IPv4 or IPv6 address");
}

function checkedExemption(text: string): string {
  const parsed = parseTarget(text);
  if ("target" in parsed && (parsed.target.kind === "address" || parsed.target.kind === "range")) {
    return parsed.target.text;
  }
  throw refused("exempt", JSON.stringify(text), "an address or a range, with an optional port");
}

function refused(what: string, value: string | number | bigint, expected: string): Error {
  return new Error(`The interceptor's configuration cannot hold ${what} ${value}: expected ${expected}.`);
}
