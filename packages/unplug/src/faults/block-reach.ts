import type { Carrier } from "./block-carrier.ts";

/** By what way connects of a function's programs are met, and what of them is not: a clause for people. */
export function reachText(carrier: Carrier, runtime: string): string {
  if (carrier.kind === "env") {
    return `by a variable (${runtime}): what Node.js itself connects, and no other program and no addon with sockets of its own`;
  }
  const go = carrier.kind === "layer" ? null : carrier.go;
  const where = { layer: "a layer", code: "the code", image: "a layer of the image" }[carrier.kind];
  if (go === null) {
    const started = runtime === "" ? "" : ` (${runtime})`;
    return `by preload, out of ${where}${started}: every program that a dynamic linker loads`;
  }
  const patch = `its program is ${go.version}, whose system calls are led to a hook in ${where}`;
  return go.preloads
    ? `by patch and preload: ${patch}, and the C libraries that it loads call the interceptor`
    : `by patch: ${patch}; no other program is reached`;
}
