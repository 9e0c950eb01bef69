import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
} from "yaml";
import { InvalidExperiment } from "./invalid-experiment.ts";
import { excerpt, yamlProblem } from "./yaml-problem.ts";

export type Path = readonly PropertyKey[];

/** One YAML document as plain data, and where each of its values stands. */
export interface YamlSource {
  readonly data: unknown;
  /** `file:line:column` of the value at `path`, or of the nearest thing around it that exists. */
  where(path: Path): string;
  /** The same for the key that ends `path`. */
  whereKey(path: Path): string;
}

/** What a file is expected to be, for messages. */
export interface WantedFile {
  /** "an" */
  readonly article: string;
  /** "experiment" */
  readonly noun: string;
  /** What shows one: a clause. */
  readonly start: string;
}

const experimentFile: WantedFile = {
  article: "an",
  noun: "experiment",
  start: "`unplug faults ID --example` prints one",
};

/** Throws InvalidExperiment with the first problem of the YAML itself: what follows one mostly follows from it. */
export function readYaml(text: string, file: string, wanted: WantedFile = experimentFile): YamlSource {
  const lines = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  refuseOtherText(text, file);
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    stringKeys: true,
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  const [document] = documents;
  const problem = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])[0];
  if (problem?.message.includes("call stack")) {
    // Where the parser gave up is no place that says anything.
    throw new InvalidExperiment([`${file}:1:1: ${tooDeep(wanted)}`]);
  }
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    const shown = text.split(/\r?\n/)[line - 1] ?? "";
    throw new InvalidExperiment([
      `${place(problem.pos[0])}: not valid YAML: ${yamlProblem(problem, shown)}${excerpt(shown, col)}`,
    ]);
  }
  const stray = document === undefined ? null : strayAlias(document);
  if (stray !== null) {
    throw new InvalidExperiment([
      `${place(start(stray) ?? 0)}: the alias *${stray.source} stands for nothing, expected an anchor &${stray.source} before it`,
    ]);
  }
  if (document === undefined || isBlank(document)) {
    const remedy = `expected one ${wanted.noun}; ${wanted.start} to start from`;
    throw new InvalidExperiment([`${file}:1:1: the file is empty, ${remedy}`]);
  }
  // A line of dashes at the end begins a document in which nothing stands.
  const second = documents.slice(1).find((one) => !isBlank(one));
  if (second !== undefined) {
    const from = place(second.range?.[0] ?? 0);
    throw new InvalidExperiment([
      `${from}: a second document starts here, expected one ${wanted.noun} in a file: make it a file of its own`,
    ]);
  }
  const where = (path: Path) => place(find(document, path).value);
  return {
    data: plain(document, where, wanted),
    where,
    whereKey: (path) => place(find(document, path).key),
  };
}

function isBlank({ contents }: Document): boolean {
  return contents === null || (isScalar(contents) && contents.value === null && contents.source === "");
}

/** A program, a picture, UTF-16: of these, YAML would complain at length and beside the point. */
function refuseOtherText(text: string, file: string): void {
  const found = /[\0\ufffd]/.exec(text);
  if (found !== null) {
    const line = text.slice(0, found.index).split("\n").length;
    throw new InvalidExperiment([
      `${file}:${line}:1: not text in UTF-8: expected a YAML file; if it is one in another encoding, save it as UTF-8`,
    ]);
  }
  if (text.includes("\r") && !text.includes("\n")) {
    throw new InvalidExperiment([
      `${file}:1:1: its lines end in a carriage return alone: save it with line feeds (Unix) or both (Windows)`,
    ]);
  }
}

/** As deep as none of our files is. */
const MOST_LEVELS = 50;

function tooDeep({ article, noun, start }: WantedFile): string {
  return `nested more than ${MOST_LEVELS} levels deep, expected ${article} ${noun}; ${start}`;
}

function plain(document: Document, where: (path: Path) => string, wanted: WantedFile): unknown {
  const data = toData(document, where);
  const unfit = findUnfit(data, [], [], wanted);
  if (unfit === null) return data;
  throw new InvalidExperiment([`${where(unfit.path)}: ${unfit.why}`]);
}

/** An alias that stands for nothing; null when there is none. */
function strayAlias(document: Document): Alias | null {
  let found: Alias | null = null;
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return undefined;
      found = alias;
      return visit.BREAK;
    },
  });
  return found;
}

function toData(document: Document, where: (path: Path) => string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const why = message.startsWith("Excessive alias count")
      ? "its aliases (*name) multiply to more than is ever needed: write out what they stand for"
      : `not valid YAML: ${message.replace(/\s+/g, " ").trim()}`;
    throw new InvalidExperiment([`${where([])}: ${why}`]);
  }
}

/** What no experiment can be made of, although it is YAML. */
function findUnfit(
  value: unknown,
  path: Path,
  around: readonly unknown[],
  wanted: WantedFile,
): { path: Path; why: string } | null {
  if (typeof value !== "object" || value === null) return null;
  if (around.includes(value)) {
    return {
      path,
      why: "this alias (*name) stands inside of what it stands for, without end: write it out",
    };
  }
  if (around.length >= MOST_LEVELS) {
    return { path, why: tooDeep(wanted) };
  }
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) {
    return {
      path,
      why: "its tag (!!name) makes it neither text, a number, a list nor a map: leave the tag out",
    };
  }
  for (const [key, item] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    const found = findUnfit(item, at, [...around, value], wanted);
    if (found !== null) return found;
  }
  return null;
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
