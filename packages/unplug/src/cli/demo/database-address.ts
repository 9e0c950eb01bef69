import { networkInterfaces } from "node:os";
import { isAlwaysAllowed, parseTarget } from "@unplug/interceptor";

/** An address of this machine to which connections can be blocked, an IPv4 one if there is one; null: it has none. */
export function databaseAddress(interfaces: typeof networkInterfaces = networkInterfaces): string | null {
  const all = Object.values(interfaces()).flatMap((addresses) => addresses ?? []);
  const fit = all.filter(({ address }) => isBlockable(address));
  return (fit.find(({ family }) => family === "IPv4") ?? fit[0])?.address ?? null;
}

/** Loopback and link-local addresses are always let through. */
function isBlockable(address: string): boolean {
  const parsed = parseTarget(address);
  return "target" in parsed && !isAlwaysAllowed(parsed.target);
}
