import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  visit,
  type YAMLError,
  type YAMLMap,
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
  try {
    return read(text, file, wanted);
  } catch (error) {
    // The parser goes down into each level, and mostly says so itself when it cannot go on.
    if (error instanceof RangeError) throw new InvalidExperiment([`${file}:1:1: ${tooDeep(wanted)}`]);
    throw error;
  }
}

function read(text: string, file: string, wanted: WantedFile): YamlSource {
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
    // It compares each key with all before it: see `repeatedKey`.
    uniqueKeys: false,
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  const [document] = documents;
  const problem = firstProblem(documents);
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
  const aliases: Aliases = document === undefined ? new Map() : aliasesIn(document);
  const [stray] = [...aliases].flatMap(([alias, node]) => (node === undefined ? [alias] : []));
  if (stray !== undefined) {
    throw new InvalidExperiment([
      `${place(start(stray) ?? 0)}: the alias *${stray.source} stands for nothing, expected an anchor &${stray.source} before it`,
    ]);
  }
  if (aliases.size > MOST_ALIASES) {
    throw new InvalidExperiment([`${file}:1:1: ${tooManyAliases}`]);
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
  const find = finder(document, aliases);
  const where = (path: Path) => place(find(path).value);
  return {
    data: plain(document, where, wanted),
    where,
    whereKey: (path) => place(find(path).key),
  };
}

function firstProblem(documents: readonly Document[]): YamlFinding | undefined {
  const told: readonly YamlFinding[] = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
  const [first] = told;
  const repeated = documents.map(repeatedKey).find((one) => one !== null) ?? null;
  return repeated !== null && (first === undefined || repeated.pos[0] < first.pos[0]) ? repeated : first;
}

type YamlFinding = Pick<YAMLError, "code" | "message" | "pos">;

/** The first key that stands in its map already. */
function repeatedKey(document: Document): YamlFinding | null {
  let found: number | null = null;
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<unknown>();
      for (const pair of map.items) {
        const key = keyOf(pair);
        const at = start(pair.key) ?? 0;
        if (seen.has(key) && (found === null || at < found)) found = at;
        seen.add(key);
      }
    },
  });
  return found === null ? null : { code: "DUPLICATE_KEY", message: "", pos: [found, found] };
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

/** What each alias stands for: the last anchor of its name before it. The parser's own answer goes through the file for each. */
type Aliases = ReadonlyMap<Alias, Node | undefined>;

function aliasesIn(document: Document): Aliases {
  const anchors = new Map<string, Node>();
  const found = new Map<Alias, Node | undefined>();
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) found.set(node, anchors.get(node.source));
      else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return found;
}

const MOST_ALIASES = 1_000;
const tooManyAliases =
  "its aliases (*name) multiply to more than is ever needed: write out what they stand for";

function toData(document: Document, where: (path: Path) => string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const why = message.startsWith("Excessive alias count")
      ? tooManyAliases
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

/** Offsets of the key and the value at a path; of the innermost thing that exists, when it does not. */
function finder(document: Document, aliases: Aliases): (path: Path) => { key: number; value: number } {
  // A map is looked through once, however many of its keys are asked for.
  const known = new WeakMap<YAMLMap, ReadonlyMap<unknown, Pair>>();
  const pairIn = (map: YAMLMap, key: PropertyKey) => {
    const pairs = known.get(map) ?? new Map(map.items.map((pair) => [keyOf(pair), pair]));
    known.set(map, pairs);
    return pairs.get(key);
  };
  return (path) => {
    let node = resolved(aliases, document.contents);
    let found = { key: start(node) ?? 0, value: start(node) ?? 0 };
    for (const segment of path) {
      if (isMap(node)) {
        const pair = pairIn(node, segment);
        if (pair === undefined) return found;
        const key = start(pair.key) ?? found.value;
        node = resolved(aliases, pair.value);
        found = { key, value: emptyScalar(node) ? key : (start(pair.value) ?? key) };
      } else if (isSeq(node)) {
        node = resolved(aliases, node.items[Number(segment)]);
        const offset = start(node);
        if (offset === null) return found;
        found = { key: offset, value: offset };
      } else {
        return found;
      }
    }
    return found;
  };
}

function keyOf({ key }: Pair): unknown {
  return isScalar(key) ? key.value : key;
}

function resolved(aliases: Aliases, node: unknown): unknown {
  return isAlias(node) ? aliases.get(node) : node;
}

/** `NAME:` with nothing behind it: the key is the better place to point at. */
function emptyScalar(node: unknown): boolean {
  return isScalar(node) && node.value === null;
}

function start(node: unknown): number | null {
  const range = (node as Partial<Node> | null | undefined)?.range;
  return range?.[0] ?? null;
}
