import { BOOTSTRAP, bootstrapIn, contentOf, isPatched, patchedBootstrap } from "../carriers/go-bootstrap.ts";
import { type Architecture, interpreterOf, whyUnreached } from "../carriers/interceptor.ts";
import { Refusal } from "../contract/refusal.ts";
import { type LayerReader, startedProgram } from "../image/index.ts";

/** A bootstrap that is not in the code, or cannot be read there, is "unseen": Lambda takes one of a layer then. */
export type Bootstrap = "patched" | "program" | "script" | "unseen";

const TASK_ROOT = "/var/task";

/** An OS-only runtime starts any program: refuses one into which nothing can be brought, also where a script plainly starts it. */
export async function reachedBootstrap(
  name: string,
  { zip, handler }: { readonly zip: Uint8Array; readonly handler: string },
  architecture: Architecture,
): Promise<Bootstrap> {
  const bootstrap = await bootstrapIn(zip);
  if (bootstrap === null) return "unseen";
  if (bootstrap.isLink) {
    throw new Refusal(
      `The bootstrap of function ${name} is a symbolic link to ${Buffer.from(bootstrap.content).toString()}, which is not followed; nothing was changed.`,
      [],
      "Expected is the program itself, by that name.",
    );
  }
  const patched = patchedBootstrap(bootstrap.content, architecture);
  if (patched !== null && !("problem" in patched)) return "patched";
  const because = patched?.problem ?? whyUnreached(bootstrap.content, architecture);
  if (because !== null) {
    throw new Refusal(
      `The interceptor does not work in the bootstrap of function ${name}: ${because}.`,
      [],
      isPatched(bootstrap.content)
        ? "Somebody has packed anew what a run had put there, without the original: deploy the function's own code."
        : "A Go program of Go 1.19 or later, a bootstrap that a dynamic linker loads, or a managed runtime can be faulted.",
    );
  }
  if (interpreterOf(bootstrap.content) === null) return "program";
  const started = await startedBy(zip, handler);
  const why = started === null ? null : whyUnreached(started.content, architecture);
  if (started === null || why === null) return "script";
  throw new Refusal(
    `The interceptor does not work in ${started.path}, which the bootstrap of function ${name}, a script, starts: ${why}.`,
    [],
    "Expected in its place is a program that a dynamic linker loads; one of Go 1.19 or later can be faulted where it is the bootstrap itself.",
  );
}

/** What a script in the zip plainly starts of the zip; null where it does not say. */
async function startedBy(
  zip: Uint8Array,
  handler: string,
): Promise<{ readonly path: string; readonly content: Uint8Array } | null> {
  const start = `${TASK_ROOT}/${BOOTSTRAP}`;
  const config = { entrypoint: [start], command: [], workingDirectory: TASK_ROOT, environment: [] };
  const read = readerOf(zip, (path, content) => (path === start ? withVariables(content, handler) : content));
  try {
    const found = await startedProgram(config, {}, { layers: 1, read, interpreterOf });
    if ("because" in found || found.unsure !== null || found.chain.length < 2) return null;
    const last = found.chain.at(-1);
    const content = last?.parts[0]?.bytes;
    return last === undefined || content === undefined ? null : { path: last.path, content };
  } catch {
    return null;
  }
}

/** As Lambda puts them: a script may name its program by them. */
function withVariables(content: Uint8Array, handler: string): Uint8Array {
  const text = Buffer.from(content).toString("latin1");
  return Buffer.from(text.replace("\n", `\nLAMBDA_TASK_ROOT=${TASK_ROOT}\n_HANDLER=${handler}\n`), "latin1");
}

/** The zip, as Lambda lays it out, as if it were a layer. */
function readerOf(zip: Uint8Array, as: (path: string, content: Uint8Array) => Uint8Array): LayerReader {
  return async (_layer, paths) => {
    const wanted = paths.filter((path) => path.startsWith(`${TASK_ROOT}/`));
    const files = await contentOf(
      zip,
      wanted.map((path) => path.slice(TASK_ROOT.length + 1)),
    );
    return files.map(({ name, content, isLink }) => {
      const path = `${TASK_ROOT}/${name}`;
      if (isLink) return { path, kind: "symbolic-link", target: Buffer.from(content).toString() } as const;
      const bytes = as(path, content);
      return { path, kind: "file", mode: 0o755, size: bytes.length, parts: [{ offset: 0, bytes }] } as const;
    });
  };
}
