import { styleText } from "node:util";
import type { Environment } from "../load/variables.ts";
import { type Look, plainStyle, type Style } from "../report/look.ts";
import { speaksUnicode } from "./legible.ts";
import type { Stream } from "./shell.ts";

const DEFAULT_WIDTH = 80;
const WIDEST_PIPE = 100;

const colors: Style = {
  bold: (text) => styleText("bold", text, { validateStream: false }),
  dim: (text) => styleText("dim", text, { validateStream: false }),
  red: (text) => styleText("red", text, { validateStream: false }),
  green: (text) => styleText("green", text, { validateStream: false }),
  yellow: (text) => styleText("yellow", text, { validateStream: false }),
  cyan: (text) => styleText("cyan", text, { validateStream: false }),
};

/** What the reader of a stream can be shown. */
export function lookOf(stream: Stream, env: Environment, platform: string = process.platform): Look {
  const own = stream.columns !== undefined && stream.columns > 0 ? stream.columns : DEFAULT_WIDTH;
  return {
    style: isColored(stream, env) ? colors : plainStyle,
    unicode: speaksUnicode(env, platform),
    width: stream.isTTY === true ? own : WIDEST_PIPE,
    terminal: stream.isTTY === true,
  };
}

/** Parts of the screen may be drawn again: a terminal that somebody looks at. */
export function isLive(stream: Stream, env: Environment): boolean {
  return stream.isTTY === true && env["TERM"] !== "dumb" && !isSet(env["CI"]);
}

/** FORCE_COLOR before NO_COLOR, as Node.js has it: whoever sets both wants an exception. https://no-color.org */
function isColored(stream: Stream, env: Environment): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isLive(stream, env) && !isSet(env["NO_COLOR"]);
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
