import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { architectures } from "@unplug/interceptor";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildPackage } from "../scripts/build-package.ts";
import { root } from "../scripts/run-command.ts";

let built: string;

beforeAll(async () => {
  built = mkdtempSync(join(tmpdir(), "unplug-built-"));
  await buildPackage({ from: root, to: built });
});

afterAll(() => rmSync(built, { recursive: true, force: true }));

test("the published package holds the interceptors and their checksums where its chunks look for them", () => {
  const dist = readdirSync(join(built, "dist")).filter((file) => file.endsWith(".js"));
  const asking = dist.filter((file) =>
    readFileSync(join(built, "dist", file), "utf8").includes('"../prebuilt/"'),
  );
  const checksums: unknown = JSON.parse(readFileSync(join(built, "prebuilt/checksums.json"), "utf8"));

  expect(asking).not.toEqual([]);
  const folder = join(root, "packages/interceptor/prebuilt");
  const files = architectures.flatMap((name) => [`${name}.so`, `go-${name}.bin`]);
  const parts = files.map((file) => ({
    name: file.split(".")[0],
    file,
    bytes: readFileSync(join(folder, file)),
  }));
  const sums = parts.map(({ name, bytes }) => [name, createHash("sha256").update(bytes).digest("hex")]);
  expect(checksums).toEqual(Object.fromEntries(sums));
  for (const { file, bytes } of parts) {
    expect(readFileSync(join(built, "prebuilt", file)).equals(bytes), file).toBe(true);
  }
});

test("everything that lies in the published package is listed to be published", () => {
  const { files } = JSON.parse(readFileSync(join(built, "package.json"), "utf8"));
  const always = ["package.json", "README.md", "LICENSE"];

  expect(new Set(readdirSync(built))).toEqual(new Set([...files, ...always]));
});

test("the programs of the sandbox and of the demo lie beside the chunks", () => {
  for (const file of ["bootstrap/launch.sh", "bootstrap/node-bootstrap.mjs", "consumer.mjs"]) {
    expect(existsSync(join(built, "dist", file)), file).toBe(true);
  }
});

test("zod speaks one language: whoever imports it by name has all fifty in every start", () => {
  const dist = readdirSync(join(built, "dist")).filter((file) => file.endsWith(".js"));
  const german = dist.filter((file) =>
    readFileSync(join(built, "dist", file), "utf8").includes("ltige Eingabe"),
  );
  expect(german).toEqual([]);
});
