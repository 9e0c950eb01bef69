import { isBuiltin } from "node:module";
import { relative } from "node:path";
import type { Plugin } from "esbuild";

/** An `import` of these makes Node.js read every property of theirs, and so load some 30 modules more, or a WebSocket client. */
const greedy: ReadonlySet<string> = new Set(["fs", "http", "http2", "https", "util"]);
/** Imported by what is always there, and used by few commands. */
const late: ReadonlySet<string> = new Set(["child_process"]);

/**
 * Modules of Node.js that cost a start, put into the bundle such that only what is used of them is loaded.
 *
 * What a CommonJS package requires is handed out here too, so that no chunk needs a `require` of its own.
 */
export const lazyBuiltins: Plugin = {
  name: "lazy-builtins",
  setup({ initialOptions, onResolve, onLoad }) {
    const from = initialOptions.absWorkingDir ?? process.cwd();
    onResolve({ filter: /^(node:)?[a-z0-9_/]+$/ }, ({ path, kind, importer }) => {
      const name = path.replace(/^node:/, "");
      const isOurs = isBuiltin(`node:${name}`) && (kind === "require-call" || contentsOf(name) !== null);
      // One for each importer is one in its own file; a shared one would be a file more to load.
      return isOurs
        ? { path: name, namespace: "builtin", suffix: `?${relative(from, importer)}` }
        : undefined;
    });
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: contentsOf(path) ?? `module.exports = process.getBuiltinModule("node:${path}");`,
    }));
  },
};

/** Null: an `import` is as good. */
function contentsOf(name: string): string | null {
  const found = `process.getBuiltinModule("node:${name}")`;
  // Its own properties would be read, and those that it inherits are not.
  if (greedy.has(name)) return `module.exports = Object.create(${found});`;
  if (name === "process") return "export default process; export const { env, versions } = process;";
  if (!late.has(name)) return null;
  const names = Object.keys(process.getBuiltinModule(`node:${name}`) ?? {});
  return `module.exports = { ${names.map((each) => `get ${each}() { return ${found}.${each}; }`).join(", ")} };`;
}
