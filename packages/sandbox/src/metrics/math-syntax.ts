import { validation } from "./cloudwatch-input.ts";

/** An expression of metric math, read. */
export type MathNode =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "id"; readonly name: string }
  | { readonly kind: "list"; readonly items: readonly MathNode[] }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly MathNode[] }
  | { readonly kind: "minus"; readonly of: MathNode }
  | { readonly kind: "binary"; readonly operator: string; readonly left: MathNode; readonly right: MathNode };

const token =
  /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_]\w*)|("[^"]*"|'[^']*')|(&&|\|\||[<>=!]=|[-+*/^()[\],<>]))/y;

/** Weakest first. Source: CloudWatch, using math expressions with metrics, operators. */
const levels: readonly (readonly string[])[] = [
  ["OR", "||"],
  ["AND", "&&"],
  ["==", "!=", "<", ">", "<=", ">="],
  ["+", "-"],
  ["*", "/"],
];

interface Tokens {
  readonly all: readonly string[];
  readonly expression: string;
  next: number;
  depth: number;
}

/** Source: API reference of CloudWatch, MetricDataQuery, Expression. */
const MOST_CHARACTERS = 2048;

/** Throws ValidationError for what is no expression. */
export function readExpression(expression: string): MathNode {
  if (expression.length > MOST_CHARACTERS)
    throw validation(
      `The expression has ${expression.length} characters, at most ${MOST_CHARACTERS} are allowed.`,
    );
  const tokens: Tokens = { all: tokensOf(expression), expression, next: 0, depth: 0 };
  const node = readLevel(tokens, 0);
  if (tokens.next < tokens.all.length) throw unreadable(tokens);
  return node;
}

/** The ids that an expression names. */
export function idsOf(node: MathNode): readonly string[] {
  switch (node.kind) {
    case "id":
      return [node.name];
    case "list":
      return node.items.flatMap(idsOf);
    case "call":
      return node.args.flatMap(idsOf);
    case "minus":
      return idsOf(node.of);
    case "binary":
      return [...idsOf(node.left), ...idsOf(node.right)];
    case "number":
    case "text":
      return [];
  }
}

function tokensOf(expression: string): readonly string[] {
  const found: string[] = [];
  const end = expression.trimEnd().length;
  token.lastIndex = 0;
  while (token.lastIndex < end) {
    const at = token.lastIndex;
    const match = token.exec(expression);
    if (match === null)
      throw validation(`Error in expression '${expression}': unexpected text at position ${at}`);
    found.push(match[0].trim());
  }
  return found;
}

function unreadable({ expression, all, next }: Tokens): Error {
  const at = all[next];
  return validation(
    `Error in expression '${expression}': ${at === undefined ? "it ends too early" : `unexpected '${at}'`}`,
  );
}

function readLevel(tokens: Tokens, level: number): MathNode {
  const operators = levels[level];
  if (operators === undefined) return readPower(tokens);
  let left = readLevel(tokens, level + 1);
  for (;;) {
    const operator = tokens.all[tokens.next]?.toUpperCase();
    if (operator === undefined || !operators.includes(operator)) return left;
    tokens.next += 1;
    left = { kind: "binary", operator, left, right: readLevel(tokens, level + 1) };
  }
}

function readPower(tokens: Tokens): MathNode {
  if (tokens.all[tokens.next] === "-") {
    tokens.next += 1;
    return { kind: "minus", of: readPower(tokens) };
  }
  const left = readAtom(tokens);
  if (tokens.all[tokens.next] !== "^") return left;
  tokens.next += 1;
  return { kind: "binary", operator: "^", left, right: readPower(tokens) };
}

function readAtom(tokens: Tokens): MathNode {
  const one = tokens.all[tokens.next];
  if (one === undefined) throw unreadable(tokens);
  if (/^[\d.]/.test(one)) return taken(tokens, { kind: "number", value: Number(one) });
  if (/^["']/.test(one)) return taken(tokens, { kind: "text", value: one.slice(1, -1) });
  if (/^[A-Za-z_]/.test(one)) {
    tokens.next += 1;
    if (tokens.all[tokens.next] !== "(") return { kind: "id", name: one };
    return { kind: "call", name: one.toUpperCase(), args: readList(tokens, ")") };
  }
  if (one === "[") return { kind: "list", items: readList(tokens, "]") };
  if (one !== "(") throw unreadable(tokens);
  tokens.next += 1;
  const inside = readInside(tokens);
  expectToken(tokens, ")");
  return inside;
}

/** More than anybody writes, and less than a stack holds. */
const MOST_LEVELS = 100;

function readInside(tokens: Tokens): MathNode {
  tokens.depth += 1;
  if (tokens.depth > MOST_LEVELS)
    throw validation(`Error in expression '${tokens.expression}': it is nested too deep`);
  const inside = readLevel(tokens, 0);
  tokens.depth -= 1;
  return inside;
}

function taken(tokens: Tokens, node: MathNode): MathNode {
  tokens.next += 1;
  return node;
}

/** Whatever stands between an opening token, which is next, and `close`. */
function readList(tokens: Tokens, close: string): readonly MathNode[] {
  const items: MathNode[] = [];
  tokens.next += 1;
  while (tokens.all[tokens.next] !== close) {
    if (items.length > 0) expectToken(tokens, ",");
    items.push(readInside(tokens));
  }
  tokens.next += 1;
  return items;
}

function expectToken(tokens: Tokens, wanted: string): void {
  if (tokens.all[tokens.next] !== wanted) throw unreadable(tokens);
  tokens.next += 1;
}
