import { BOOTSTRAP } from "../carriers/go-bootstrap.ts";
import type { Choice } from "./block-carrier.ts";

/** By what way connects of a function's programs are met, and what of them is not: a clause for people. */
export function reachText(
  { carrier, bootstrap }: Pick<Choice, "carrier" | "bootstrap">,
  runtime: string,
): string {
  if (carrier.kind === "env") {
    return `by a variable (${runtime}): what Node.js itself connects, and no other program and no addon with sockets of its own`;
  }
  const go = carrier.kind === "layer" ? null : carrier.go;
  const where = { layer: "a layer", code: "the code", image: "a layer of the image" }[carrier.kind];
  if (go === null) {
    const started = runtime === "" ? "" : ` (${runtime})`;
    return `by preload, out of ${where}${started}: every program that a dynamic linker loads${butFor(bootstrap)}`;
  }
  const path = carrier.kind === "code" && carrier.patch !== BOOTSTRAP ? ` ${carrier.patch}` : "";
  const patch = `its program${path} is ${go.version}, whose system calls are led to a hook in ${where}`;
  if (go.preloads) {
    return `by patch and preload: ${patch}, and the C libraries that it loads call the interceptor`;
  }
  // Of a libc that is linked into it nothing is replaced.
  return `by patch: ${patch}; ${go.asksLibc ? "neither C code in it nor another" : "no other"} program is reached`;
}

function butFor(bootstrap: Choice["bootstrap"]): string {
  if (bootstrap === "script")
    return "; its bootstrap is a script, and a Go or a static program that it starts is not reached";
  if (bootstrap !== "unseen") return "";
  return "; its bootstrap is not to be seen in its code, as one of a layer is not, and is not reached if it is a Go or a static program";
}
