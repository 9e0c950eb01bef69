// Builds the interceptor's objects from packages/interceptor/native and writes them, with their checksums, to prebuilt/.
import { chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { architectures } from "../packages/interceptor/src/index.ts";
import { checksumsOf, rebuild } from "./check-native.ts";
import { lackingCompiler, objectFolder } from "./native-objects.ts";

const lacking = await lackingCompiler();
if (lacking === null) {
  const objects = await rebuild();
  for (const architecture of architectures) {
    const bytes = objects[architecture];
    const path = `${objectFolder}/${architecture}.so`;
    // Programs may be running with the old one: it must not change under them.
    writeFileSync(`${path}.new`, bytes);
    chmodSync(`${path}.new`, 0o755);
    renameSync(`${path}.new`, path);
    console.log(
      `${path}: ${bytes.length} bytes, ${gzipSync(readFileSync(path), { level: 9 }).length} gzipped`,
    );
  }
  writeFileSync(`${objectFolder}/checksums.json`, checksumsOf(objects));
} else {
  console.error(`The interceptor's objects are not built: ${lacking}.`);
  process.exitCode = 1;
}
