import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { architectures } from "./architecture.ts";
import { interceptorFor, readInterceptor } from "./interceptor-for.ts";
import { readProgram } from "./program.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A folder with the given files; its URL ends in a slash. */
function folderOf(files: Record<string, string>): URL {
  const folder = mkdtempSync(join(tmpdir(), "unplug-interceptor-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return pathToFileURL(`${folder}/`);
}

test.for(architectures)("hands out the object for %s, a shared library", (architecture) => {
  const { bytes, path, ...found } = interceptorFor(architecture);

  expect(found).toEqual({ architecture, sha256: createHash("sha256").update(bytes).digest("hex") });
  expect(path).toMatch(new RegExp(`/prebuilt/${architecture}\\.so$`));
  expect(readProgram(bytes)).toEqual({ kind: "other", what: "a shared library" });
  expect(Buffer.from(bytes).readUInt16LE(18)).toBe(architecture === "arm64" ? 183 : 62);
});

test("refuses an object that is not the one that was built, and says both checksums", () => {
  const folder = folderOf({
    "arm64.so": "mine",
    "checksums.json": JSON.stringify({ arm64: sha256("theirs") }),
  });

  expect(() => readInterceptor(folder, "arm64")).toThrow(
    new RegExp(`arm64\\.so is not the one .* ${sha256("mine")}, expected ${sha256("theirs")}\\. Install`),
  );
});

test("says which part is missing", () => {
  const checksums = JSON.stringify({ x86_64: sha256("mine") });

  expect(() => readInterceptor(folderOf({ "x86_64.so": "mine" }), "x86_64")).toThrow(
    /checksums\.json.*Install/,
  );
  expect(() => readInterceptor(folderOf({ "checksums.json": checksums }), "x86_64")).toThrow(
    /x86_64\.so.*Install/,
  );
});

test.for(["", "null", "[]", "{}", '{"x86_64":"abc"}', '{"x86_64":1}', '{"__proto__":{"x86_64":"a"}}'])(
  "refuses checksums that it cannot read: %s",
  (checksums) => {
    const folder = folderOf({ "x86_64.so": "mine", "checksums.json": checksums });

    expect(() => readInterceptor(folder, "x86_64")).toThrow(/has no SHA-256 for x86_64/);
  },
);
