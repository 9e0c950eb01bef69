import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { environmentVariables } from "./environment.ts";

/** Tunables and what only passes between our own processes are told elsewhere; HOME is the system's. */
const elsewhere = ["REGION", "HOME", "UNPLUG_INTERCEPTOR"];

test("names every variable that the code reads, and none besides", () => {
  const source = join(import.meta.dirname, "..");
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !/(\.test|-for-test|\.fixture)\.ts$/.test(file),
  );
  const read = files.flatMap((file) =>
    [...readFileSync(join(source, file), "utf8").matchAll(/(?:env\[|\bread\()"([A-Z_]+)"[\])]/g)].map(
      ([, name]) => name ?? "",
    ),
  );

  const told = environmentVariables.flatMap(({ names }) => names);
  expect([...new Set(read)].filter((name) => !elsewhere.includes(name)).sort()).toEqual([...told].sort());
});
