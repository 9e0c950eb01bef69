// Builds the interceptor's objects and hooks from packages/interceptor/native and writes them, with their checksums, to prebuilt/.
import { chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { builtFiles, checksumsOf, rebuild } from "./check-native.ts";
import { lackingCompiler, objectFolder } from "./native-objects.ts";

const lacking = await lackingCompiler();
if (lacking === null) {
  const built = await rebuild();
  for (const file of builtFiles) {
    const path = `${objectFolder}/${file}`;
    // Programs may be running with the old one: it must not change under them.
    writeFileSync(`${path}.new`, built[file]);
    chmodSync(`${path}.new`, file.endsWith(".so") ? 0o755 : 0o644);
    renameSync(`${path}.new`, path);
    console.log(
      `${path}: ${built[file].length} bytes, ${gzipSync(readFileSync(path), { level: 9 }).length} gzipped`,
    );
  }
  writeFileSync(`${objectFolder}/checksums.json`, checksumsOf(built));
} else {
  console.error(`The interceptor's objects are not built: ${lacking}.`);
  process.exitCode = 1;
}
