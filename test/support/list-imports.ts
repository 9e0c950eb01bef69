import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";

/** With `--import`: writes the URL of every module that the process has loaded to the file that UNPLUG_LIST names. */
const loaded = new Set<string>();
registerHooks({
  load(url, context, next) {
    loaded.add(url);
    return next(url, context);
  },
});
process.on("exit", () => writeFileSync(process.env["UNPLUG_LIST"] ?? "", [...loaded].join("\n")));
