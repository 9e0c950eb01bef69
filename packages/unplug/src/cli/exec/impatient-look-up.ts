import { lookup } from "node:dns/promises";
import type { LookUp } from "./known-addresses.ts";

/**
 * Looks names up as programs do, with /etc/hosts, but asks each name server once and for a second.
 *
 * What is asked for cannot be called back, and Node.js ends only when it is answered: a name server that is silent would hold
 * the end of a command that is long done, for ten seconds and more. `env` has to be the process's own, of which the C library
 * reads RES_OPTIONS. Source: resolv.conf(5); musl does not read it.
 */
export function impatientLookUp(env: NodeJS.ProcessEnv): LookUp {
  env["RES_OPTIONS"] = `${env["RES_OPTIONS"] ?? ""} timeout:1 attempts:1`.trim();
  return async (name) => (await lookup(name, { all: true })).map(({ address }) => address);
}
