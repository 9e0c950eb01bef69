import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
} from "yaml";
import { InvalidExperiment } from "./invalid-experiment.ts";

export type Path = readonly PropertyKey[];

/** One YAML document as plain data, and where each of its values stands. */
export interface YamlSource {
  readonly data: unknown;
  /** `file:line:column` of the value at `path`, or of the nearest thing around it that exists. */
  where(path: Path): string;
  /** The same for the key that ends `path`. */
  whereKey(path: Path): string;
}

/** Throws InvalidExperiment with every problem of the YAML itself. */
export function readYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const document = Array.isArray(documents) ? documents[0] : undefined;
  if (document === undefined || document.contents === null) {
    const remedy = "expected one experiment; `unplug faults ID --example` prints one to start from";
    throw new InvalidExperiment([`${file}:1:1: the file is empty, ${remedy}`]);
  }
  const problems = documents.flatMap(({ errors, warnings }) =>
    [...errors, ...warnings].map(
      ({ pos, message }) => `${place(pos[0])}: not valid YAML: ${oneLine(message)}`,
    ),
  );
  const second = documents[1];
  if (second !== undefined) {
    const from = place(second.range?.[0] ?? 0);
    problems.push(
      `${from}: a second document starts here, expected one experiment in a file: make it a file of its own`,
    );
  }
  if (problems.length > 0) throw new InvalidExperiment(problems);
  return {
    data: plain(document, place(0)),
    where: (path) => place(find(document, path).value),
    whereKey: (path) => place(find(document, path).key),
  };
}

function plain(document: Document, start: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new InvalidExperiment([
      `${start}: not valid YAML: ${oneLine(error instanceof Error ? error.message : String(error))}`,
    ]);
  }
}

/** Offsets of the key and the value at `path`; of the innermost thing that exists, when it does not. */
function find(document: Document, path: Path): { key: number; value: number } {
  let node = resolved(document, document.contents);
  let found = { key: start(node) ?? 0, value: start(node) ?? 0 };
  for (const segment of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? key.value : key) === segment);
      if (pair === undefined) return found;
      const key = start(pair.key) ?? found.value;
      node = resolved(document, pair.value);
      found = { key, value: emptyScalar(node) ? key : (start(pair.value) ?? key) };
    } else if (isSeq(node)) {
      node = resolved(document, node.items[Number(segment)]);
      const offset = start(node);
      if (offset === null) return found;
      found = { key: offset, value: offset };
    } else {
      return found;
    }
  }
  return found;
}

function resolved(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** `NAME:` with nothing behind it: the key is the better place to point at. */
function emptyScalar(node: unknown): boolean {
  return isScalar(node) && node.value === null;
}

function start(node: unknown): number | null {
  const range = (node as Partial<Node> | null | undefined)?.range;
  return range?.[0] ?? null;
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, " ").trim();
}
