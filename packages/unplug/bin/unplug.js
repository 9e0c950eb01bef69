#!/usr/bin/env node
// Plain JavaScript, so that an older Node.js can say what is missing: the source beside it needs Node.js 24.
if (Number(process.versions.node.split(".")[0]) < 24) {
  const { existsSync } = await import("node:fs");
  const isHere = (path) => existsSync(new URL(path, import.meta.url));
  // npx and npm's scripts look there first.
  const isPinned = isHere("../src/cli/main.ts") && isHere("../../../node_modules/.bin/node");
  const how = isPinned
    ? "To use the one of this checkout: npx unplug COMMAND"
    : "Install one: https://nodejs.org";
  process.stderr.write(`unplug needs Node.js 24 or later; this is ${process.version}. ${how}\n`);
  process.exit(2);
}
// Credentials may be in the environment, and Node.js can be told to write a report when it dies.
process.report.excludeEnv = true;
const emitWarning = process.emitWarning;
process.emitWarning = (warning, ...rest) => {
  // Early releases of Node.js 24 still call SQLite experimental; the journal is tested with it.
  if (!String(warning).startsWith("SQLite is an experimental feature"))
    emitWarning.call(process, warning, ...rest);
};
// Not imported: that would read every property of theirs, and load what those need.
const fs = process.getBuiltinModule("node:fs");
const source = new URL("../src/cli/main.ts", import.meta.url);
const isCheckout = fs.existsSync(source);
if (!isCheckout) keepCompiled();
await import(isCheckout ? source.href : new URL("../dist/main.js", import.meta.url).href);

/** Later starts need not compile again. A folder that cannot be written is no error. */
function keepCompiled() {
  const cache = process.env.XDG_CACHE_HOME || `${process.getBuiltinModule("node:os").homedir()}/.cache`;
  try {
    // Node.js would make the folders too, and would try for ever below /proc.
    for (const folder of [cache, `${cache}/unplug`]) if (!fs.existsSync(folder)) fs.mkdirSync(folder);
    process.getBuiltinModule("node:module").enableCompileCache(`${cache}/unplug`);
  } catch {}
}
