import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import { anyZip } from "./any-zip-for-test.ts";
import { appendToZip } from "./append.ts";
import { entriesOf, readDirectory } from "./directory.ts";
import { pathOf } from "./our-names.ts";
import { ourPartOf } from "./our-part.ts";
import { zipInMemory } from "./zip-bytes.ts";
import { addition, appended, folder, type TestEntry, takenOut, testZip } from "./zip-for-test.ts";

const program = Buffer.from(Array.from({ length: 40_000 }, (_, at) => (at * at + (at >> 5)) & 0xff));
const patched = Buffer.concat([program, Buffer.from("a hook")]).fill("X", 500, 510);
const others: readonly TestEntry[] = [
  { name: "first", content: Buffer.from("first"), descriptor: "signed", isDeflated: true },
  {
    name: "last/file",
    content: Buffer.alloc(500, "last"),
    gap: Buffer.from("gap"),
    extra: Buffer.from("ux\0\0"),
  },
];

function zipWith(entry: Partial<TestEntry>): Buffer {
  const [first, last] = others;
  const app = { name: "app", content: program, attributes: 0o100711 << 16, ...entry };
  return testZip(
    [first, app, last].flatMap((one) => one ?? []),
    { comment: "theirs" },
  );
}

test.for([
  ["deflated", { isDeflated: true }],
  ["stored", {}],
  [
    "deflated, with its lengths behind it",
    { isDeflated: true, descriptor: "signed", localExtra: Buffer.from("UT\0\0") },
  ],
  ["stored, with its lengths behind it", { descriptor: "bare" }],
] as const)(
  "another content takes the place of one that is %s, and goes again to the byte",
  async ([, entry]) => {
    const zip = zipWith(entry);

    const added = await appended(zip, { ...addition, replaced: { name: "app", content: patched } });

    const read = await ourPartOf(added, { folder, outside: ["first", "app", "last/file"] });
    expect("part" in read ? read.part?.files.slice(0, 3) : read).toMatchObject([
      { name: "first", content: Buffer.from("first") },
      { name: "app", content: patched, mode: 0o711 },
      { name: "last/file", content: Buffer.alloc(500, "last") },
    ]);
    expect((await takenOut(added)).equals(zip)).toBe(true);
  },
);

test("what is there may be told: a wrong telling changes nothing", async () => {
  const zip = zipWith({ isDeflated: true });
  const replaced = { name: "app", content: patched };
  const added = await appended(zip, { ...addition, replaced });

  for (const before of [program, patched, Buffer.alloc(0)]) {
    expect((await appended(zip, { ...addition, replaced: { ...replaced, before } })).equals(added)).toBe(
      true,
    );
  }
});

test("programs of others read it, also those that go from entry to entry", async () => {
  const home = mkdtempSync(join(tmpdir(), "unplug-replacement-"));
  try {
    const added = await appended(zipWith({ isDeflated: true, descriptor: "signed" }), {
      ...addition,
      replaced: { name: "app", content: patched },
    });
    const path = join(home, "added.zip");
    writeFileSync(path, added);
    const script = [
      "import sys, zipfile",
      "zip = zipfile.ZipFile(sys.argv[1])",
      "assert zip.testzip() is None",
      "sys.stdout.buffer.write(zip.read('app'))",
    ].join("\n");
    const python = process.env["UNPLUG_PYTHON"] ?? "python3";

    expect(execFileSync(python, ["-c", script, path], { timeout: 60_000 }).equals(patched)).toBe(true);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

test("whatever the zip: what is replaced in it is taken out as it was, or it is refused with a reason", async () => {
  const counts = { replaced: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(anyZip, fc.nat(11), fc.uint8Array({ maxLength: 300 }), async (zip, which, content) => {
      const directory = readDirectory(zipInMemory(zip));
      if ("problem" in directory) throw new Error(directory.problem.text);
      const name = pathOf(entriesOf(directory)[which]?.name ?? "bootstrap");
      const made = await appendToZip(zip, { ...addition, replaced: { name, content } });
      if ("problem" in made) {
        counts.refused++;
        expect(made.problem.text).toMatch(/^[\x20-\x7e…]+\.$/);
        return;
      }
      counts.replaced++;
      const read = await ourPartOf(made.zip, { folder: "none/", outside: [name] });
      expect("part" in read ? read.part?.files[0]?.content : read).toEqual(Buffer.from(content));
      expect((await takenOut(made.zip)).equals(zip)).toBe(true);
    }),
    { numRuns: 150 },
  );
  expect(Math.min(counts.replaced, counts.refused)).toBeGreaterThan(5);
});
