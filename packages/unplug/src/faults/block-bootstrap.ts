import { architectureOf } from "../carriers/function-code.ts";
import { isPatched, patchedBootstrap, saysItsOriginal } from "../carriers/go-bootstrap.ts";
import { type Architecture, interpreterOf, whyUnreached } from "../carriers/interceptor.ts";
import { layerBootstrap } from "../carriers/layer-bootstrap.ts";
import { programIn } from "../carriers/zip-program.ts";
import type { FunctionAnswer } from "../contract/aws-calls.ts";
import type { Io } from "../contract/io.ts";
import { Refusal } from "../contract/refusal.ts";

/** A bootstrap that is not in the code, or cannot be read there, is "unseen": Lambda takes one of a layer then. */
export type Bootstrap = "patched" | "program" | "script" | "unseen";

/** Where the code has no bootstrap, Lambda takes that of a layer: refuses one that is to be seen, and into which nothing can be brought. */
export async function reachedLayerBootstrap(
  name: string,
  answer: FunctionAnswer,
  io: Io,
): Promise<Bootstrap> {
  const found = await layerBootstrap(answer, io);
  if (found === null || found.bootstrap.isLink) return "unseen";
  const { content } = found.bootstrap;
  const because = whyUnreached(content, architectureOf(answer));
  if (because === null) return interpreterOf(content) === null ? "program" : "script";
  throw new Refusal(
    `The interceptor does not work in the bootstrap of function ${name}, which its layer ${found.layer} brings: ${because}.`,
    [],
    "A Go program is patched in the function's own code: put it there, as bootstrap, which comes before a layer's.",
  );
}

/** An OS-only runtime starts any program: refuses one into which nothing can be brought, also where a script plainly starts it. */
export async function reachedBootstrap(
  name: string,
  { zip, handler }: { readonly zip: Uint8Array; readonly handler: string },
  architecture: Architecture,
): Promise<Bootstrap> {
  const found = await programIn(zip, handler);
  if (found === null) return "unseen";
  const { bootstrap, started } = found;
  if (bootstrap.isLink && started === null) {
    throw new Refusal(
      `The bootstrap of function ${name} is a symbolic link to ${Buffer.from(bootstrap.content).toString()}, which is no program of its code; nothing was changed.`,
      [],
      "Expected is the program itself, by that name.",
    );
  }
  const { content } = started ?? bootstrap;
  const patched = patchedBootstrap(content, architecture);
  if (patched !== null && !("problem" in patched)) return "patched";
  const because = patched?.problem ?? whyUnreached(content, architecture);
  if (because === null)
    return interpreterOf(bootstrap.isLink ? content : bootstrap.content) === null ? "program" : "script";
  const what =
    started === null
      ? `the bootstrap of function ${name}`
      : `${started.name}, which the bootstrap of function ${name}, a ${bootstrap.isLink ? "link" : "script"}, comes to`;
  throw new Refusal(
    `The interceptor does not work in ${what}: ${because}.`,
    [],
    isPatched(content)
      ? leftBehind(content)
      : "A Go program of Go 1.19 or later, a program that a dynamic linker loads, or a managed runtime can be faulted.",
  );
}

function leftBehind(content: Uint8Array): string {
  const why = "A run left it, or somebody has packed anew what a run had put there";
  return saysItsOriginal(content)
    ? `${why}: unplug restore --function gives it back as it was.`
    : `${why}, and changed it, so that it does not say any more how it was: deploy the function's own code.`;
}
