import { styleText } from "node:util";
import type { Environment } from "../load/variables.ts";
import { type Look, plainStyle, type Style } from "../report/look.ts";
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
  const colored = isLive(stream, env) && !isSet(env["NO_COLOR"]);
  const own = stream.columns !== undefined && stream.columns > 0 ? stream.columns : DEFAULT_WIDTH;
  return {
    style: colored ? colors : plainStyle,
    unicode: speaksUnicode(env, platform),
    width: stream.isTTY === true ? own : WIDEST_PIPE,
    terminal: stream.isTTY === true,
  };
}

/** Parts of the screen may be drawn again: a terminal that somebody looks at. */
export function isLive(stream: Stream, env: Environment): boolean {
  return stream.isTTY === true && env["TERM"] !== "dumb" && !isSet(env["CI"]);
}

/** POSIX: the first that is set counts. macOS and Windows often set none and mean UTF-8. */
function speaksUnicode(env: Environment, platform: string): boolean {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find(isSet);
  if (locale === undefined) return platform === "darwin" || platform === "win32";
  return /utf-?8/i.test(locale);
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
