import { isAlwaysAllowed, parseTarget, type Target } from "@unplug/interceptor";
import { UsageError } from "../usage-error.ts";

/** What one configuration of the interceptor holds. */
const MAX_TARGETS = 4096;

/** Of the 262,144 bytes of a configuration; the rest is for what else stands in it. */
const MAX_TARGET_BYTES = 240_000;

/**
 * The targets that `--block` names, each once; none is all outbound TCP, which is also what `*` means.
 *
 * Each value is a target or several with commas between. Throws a UsageError for what is no target, or could not be blocked.
 */
export function blockTargets(values: readonly string[]): readonly Target[] {
  const texts = values.flatMap((value) => value.split(","));
  const targets = texts.filter((text) => text.trim() !== "*").map(targetOf);
  if (targets.length < texts.length) return [];
  const distinct = [...new Map(targets.map((target) => [target.text, target])).values()];
  if (distinct.length > MAX_TARGETS) {
    throw new UsageError(
      `--block: ${distinct.length} targets are too many: expected at most ${MAX_TARGETS}. A range (10.0.0.0/8) or *.example.com stands for many.`,
    );
  }
  const bytes = bytesOf(distinct);
  if (bytes > MAX_TARGET_BYTES) {
    throw new UsageError(
      `--block: ${bytes} bytes of targets are too many: expected at most ${MAX_TARGET_BYTES}. A range (10.0.0.0/8) or *.example.com stands for many.`,
    );
  }
  return distinct;
}

/** How much of a configuration the targets take. */
export function bytesOf(targets: readonly Target[]): number {
  return targets.reduce((sum, { text }) => sum + "target=;".length + text.length, 0);
}

function targetOf(text: string): Target {
  const parsed = parseTarget(text);
  if ("problem" in parsed) {
    const [, star, port] = /^(\*?):(\d+)$/.exec(text.trim()) ?? [];
    const hint = port === undefined ? "" : ` For every host on one port: 0.0.0.0/0:${port},[::/0]:${port}.`;
    const problem = star === "" ? "a port alone is no target" : parsed.problem;
    throw new UsageError(`--block ${text.trim()}: ${problem}.${hint}`);
  }
  if (isAlwaysAllowed(parsed.target)) {
    throw new UsageError(
      `--block ${text.trim()}: ${whatPasses(parsed.target)} are always let through, so this would block nothing. Give an address that the machine has on a network, and let COMMAND connect to that one.`,
    );
  }
  return parsed.target;
}

/** Which of the addresses that are always let through a target names; a name among them is localhost. */
function whatPasses({ kind, host }: Target): string {
  const isAddress = kind === "address" || kind === "range";
  if (isAddress && /^(169\.254\.|fe[89ab])/.test(host))
    return "link-local addresses (169.254.0.0/16, fe80::/10)";
  if (isAddress && host.startsWith("fd00:ec2:"))
    return "AWS's addresses of services on the machine itself (fd00:ec2::/32)";
  if (isAddress && /^(0\.0\.0\.0|::)(\/|$)/.test(host))
    return "connects to the unspecified address (0.0.0.0, ::), which reach the machine itself,";
  return "loopback addresses (127.0.0.0/8, ::1, localhost)";
}
