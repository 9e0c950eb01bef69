#!/usr/bin/env node
// Plain JavaScript, so that an older Node.js can say what is missing: the source beside it needs Node.js 24.
import { existsSync } from "node:fs";
import * as module from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

if (Number(process.versions.node.split(".")[0]) < 24) {
  process.stderr.write(`unplug needs Node.js 24 or later; this is ${process.version}.\n`);
  process.exit(2);
}
const emitWarning = process.emitWarning;
process.emitWarning = (warning, ...rest) => {
  // Early releases of Node.js 24 still call SQLite experimental; the journal is tested with it.
  if (!String(warning).startsWith("SQLite is an experimental feature"))
    emitWarning.call(process, warning, ...rest);
};
const source = new URL("../src/cli/main.ts", import.meta.url);
const isCheckout = existsSync(source);
// Later starts need not compile again. A folder that cannot be written is no error.
if (!isCheckout)
  module.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "unplug"));
await import(isCheckout ? source.href : new URL("../dist/main.js", import.meta.url).href);
