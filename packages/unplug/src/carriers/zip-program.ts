import { type LayerReader, startedProgram } from "../image/index.ts";
import { BOOTSTRAP, type Bootstrap, bootstrapIn, contentOf } from "./go-bootstrap.ts";
import { interpreterOf } from "./interceptor.ts";

/** What an OS-only runtime starts out of a zip. */
export interface ZipProgram {
  readonly bootstrap: Bootstrap;
  /** The program of the zip that the bootstrap, a link or a script, plainly comes to; null where it is neither, or does not say it. */
  readonly started: NamedProgram | null;
}

export interface NamedProgram {
  /** Its name in the zip. */
  readonly name: string;
  readonly content: Uint8Array;
}

const TASK_ROOT = "/var/task";

/** Null where the zip has no bootstrap, or none that can be read: Lambda takes one of a layer then. */
export async function programIn(zip: Uint8Array, handler: string): Promise<ZipProgram | null> {
  const bootstrap = await bootstrapIn(zip);
  if (bootstrap === null) return null;
  const isScript = !bootstrap.isLink && interpreterOf(bootstrap.content) !== null;
  const isPlain = isScript && !ELSEWHERE.test(Buffer.from(bootstrap.content).toString("latin1"));
  return { bootstrap, started: bootstrap.isLink || isPlain ? await startedBy(zip, handler) : null };
}

/** The script goes to another folder than the one in which it is started: what it names from there is another file. */
const ELSEWHERE =
  /^[ \t]*cd[ \t]+["']?(?:\$\{?LAMBDA_TASK_ROOT\}?["']?\/\w|(?!\/var\/task\/?["']?[ \t]*$)[\w./])/m;

async function startedBy(zip: Uint8Array, handler: string): Promise<NamedProgram | null> {
  const start = `${TASK_ROOT}/${BOOTSTRAP}`;
  const config = { entrypoint: [start], command: [], workingDirectory: TASK_ROOT, environment: [] };
  const read = readerOf(zip, (path, content) => (path === start ? withVariables(content, handler) : content));
  try {
    const found = await startedProgram(config, {}, { layers: 1, read, interpreterOf });
    if ("because" in found || found.unsure !== null) return null;
    const last = found.chain.at(-1);
    const content = last?.parts[0]?.bytes;
    return last === undefined || content === undefined || last.path === start
      ? null
      : { name: nameOf(last.path), content };
  } catch {
    return null;
  }
}

/** As Lambda puts them: a script may name its program by them. */
function withVariables(content: Uint8Array, handler: string): Uint8Array {
  const text = Buffer.from(content).toString("latin1");
  return Buffer.from(
    text.replace("\n", () => `\nLAMBDA_TASK_ROOT=${TASK_ROOT}\n_HANDLER=${handler}\n`),
    "latin1",
  );
}

/** The zip, as Lambda lays it out, as if it were a layer. */
function readerOf(zip: Uint8Array, as: (path: string, content: Uint8Array) => Uint8Array): LayerReader {
  return async (_layer, paths) => {
    const wanted = paths.filter((path) => path.startsWith(`${TASK_ROOT}/`));
    const files = await contentOf(zip, wanted.map(nameOf));
    return files.map(({ name, content, isLink }) => {
      const path = `${TASK_ROOT}/${name}`;
      if (isLink) return { path, kind: "symbolic-link", target: Buffer.from(content).toString() } as const;
      const bytes = as(path, content);
      return { path, kind: "file", mode: 0o755, size: bytes.length, parts: [{ offset: 0, bytes }] } as const;
    });
  };
}

function nameOf(path: string): string {
  return path.slice(TASK_ROOT.length + 1);
}
