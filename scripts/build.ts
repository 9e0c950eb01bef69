// npm run build: the published package, in packages/unplug/dist/package.
import { readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { buildPackage, packageFolder } from "./build-package.ts";
import { root, seconds } from "./run-command.ts";

const started = performance.now();
await buildPackage({ from: root, to: packageFolder });
const dist = join(packageFolder, "dist");
const bytes = readdirSync(dist)
  .filter((file) => file.endsWith(".js"))
  .reduce((sum, file) => sum + statSync(join(dist, file)).size, 0);
console.log(
  `built ${relative(root, packageFolder)}: ${Math.round(bytes / 1000)} kB of code in ${seconds(performance.now() - started)}`,
);
