import type { Environment } from "../load/variables.ts";
import { inAscii } from "../report/printable.ts";
import type { Stream } from "./shell.ts";

/** Whether the locale's characters are Unicode. POSIX: the first that is set counts. macOS and Windows often set none and mean UTF-8. */
export function speaksUnicode(env: Environment, platform: string = process.platform): boolean {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((one) => one !== undefined && one !== "");
  if (locale === undefined) return platform === "darwin" || platform === "win32";
  return /utf-?8/i.test(locale);
}

/**
 * The stream, with nothing but ASCII for a terminal whose locale is another.
 *
 * Our own marks have their likes already; this is for names and messages of others. A pipe or a file gets the bytes as
 * they are: a script that restores a value must hold that value.
 */
export function legible(stream: Stream, env: Environment): Stream {
  if (speaksUnicode(env)) return stream;
  return {
    write: (text) => stream.write(stream.isTTY === true ? inAscii(text) : text),
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns;
    },
  };
}
