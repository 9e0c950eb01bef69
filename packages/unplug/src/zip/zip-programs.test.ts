import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type Need, needs, needsAll } from "../../../../test/support/needs.ts";
import { takeOut } from "./take-out.ts";
import { withoutOurPart } from "./without-our-part.ts";
import { addition, appended, object, takenOut, wrapper } from "./zip-for-test.ts";
import { makers, makeTree, run, treeOf } from "./zip-programs-for-test.ts";

/** A zip that some program has made, as it is and with ours; both lie in files of the folder. */
interface Sample {
  readonly name: string;
  readonly original: Buffer;
  readonly added: Buffer;
}

let folder: string;
const samples: Sample[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "unplug-zips-"));
  mkdirSync(join(folder, "tree"));
  writeFileSync(join(folder, "Later.txt"), "later", { mode: 0o644 });
  makeTree(join(folder, "tree"));
  for (const { by, make } of makers) {
    const program = needs(by).path;
    if (program === null) continue;
    const zips = await make(join(folder, "tree"), program);
    for (const [name, original] of Object.entries(zips)) {
      const sample = { name: `${by}-${name}`, original, added: await appended(original) };
      samples.push(sample);
      writeFileSync(join(folder, `${sample.name}.before`), sample.original);
      writeFileSync(join(folder, `${sample.name}.after`), sample.added);
    }
  }
}, 120_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const our = {
  [wrapper.name]: `100755 ${wrapper.content.toString("base64")}`,
  [object.name]: `100644 ${object.content.toString("base64")}`,
};

describe.each(makers)("what $by makes", ({ by }) => {
  needs(by).test("is taken out again as it was", async () => {
    const made = samples.filter(({ name }) => name.startsWith(`${by}-`));

    expect(made.length).toBeGreaterThan(0);
    for (const { original, added } of made) expect((await takenOut(added)).equals(original)).toBe(true);
  });
});

/** Programs that unpack, and how. Where modes are not kept, ours are not looked at either. */
const unpackers: readonly { by: Need; args: (zip: string) => readonly string[]; isWithModes: boolean }[] = [
  { by: "unzip", args: (zip) => ["-qq", zip], isWithModes: true },
  { by: "bsdtar", args: (zip) => ["-xf", zip], isWithModes: true },
  { by: "7z", args: (zip) => ["x", "-bd", zip], isWithModes: true },
  { by: "jar", args: (zip) => ["-J-XX:TieredStopAtLevel=1", "xf", zip], isWithModes: false },
];

describe.each(unpackers)("$by", ({ by, args, isWithModes }) => {
  // A Java machine starts slowly.
  const mayTake = by === "jar" ? /^zip-usual/ : /./;

  needs(by).test(
    "unpacks the same files with the same modes and links, and ours",
    async (program) => {
      for (const { name } of samples.filter(
        (sample) => mayTake.test(sample.name) && sample.name !== "python3-empty",
      )) {
        const [before, after] = await Promise.all(
          ["before", "after"].map(async (state) => {
            const into = join(folder, `${by}-${name}-${state}`);
            mkdirSync(into);
            await run(into, program, args(join(folder, `${name}.${state}`)));
            return treeOf(into);
          }),
        );
        const { ".unplug": _, ".unplug/undo": __, ...rest } = after ?? {};
        const added = isWithModes ? our : Object.fromEntries(Object.entries(our).map(withoutX));
        expect(rest, name).toEqual({ ...before, ...added });
      }
    },
    120_000,
  );
});

function withoutX([name, text]: readonly [string, string]): [string, string] {
  return [name, text.replace(/^100755/, "100644")];
}

needs("unzip").test(
  "unzip -t finds every zip whole, and zipinfo lists the same lines and ours",
  async (unzip) => {
    for (const { name } of samples) {
      const [before, after] = await Promise.all(
        ["before", "after"].map(async (state) => {
          const lines = await run(folder, "sh", [
            "-c",
            '"$0" -Z -s "$1" || test $? = 1',
            unzip,
            `${name}.${state}`,
          ]);
          return lines.toString().split("\n").slice(2, -2);
        }),
      );
      expect(after?.slice(0, before?.length), name).toEqual(before);
      expect(after?.slice(before?.length), name).toEqual([
        expect.stringMatching(/^-rwxr-xr-x .* stor 80-Jan-01 00:00 \.unplug\/wrapper$/),
        expect.stringMatching(/^-rw-r--r-- .* defN 80-Jan-01 00:00 \.unplug\/x86_64\.so$/),
        expect.stringMatching(/^-rw-r--r-- .* \.unplug\/undo$/),
      ]);
      const said = await run(folder, unzip, ["-tq", `${name}.after`]);
      expect(said.toString()).toContain("No errors detected");
    }
  },
);

needs("python3").test("Python reads the same entries, every field of them, and ours", async (python) => {
  const script = `
import json, sys, zipfile
def entries(path):
    with zipfile.ZipFile(path) as z:
        assert z.testzip() is None
        rows = [[i.filename, i.date_time, i.compress_type, i.comment.hex(), i.extra.hex(), i.create_system, i.create_version,
                 i.flag_bits, i.external_attr, i.internal_attr, i.header_offset, i.CRC, i.file_size] for i in z.infolist()]
        return [rows, z.comment.hex()]
print(json.dumps([[entries(p + ".before"), entries(p + ".after")] for p in sys.argv[1:]]))`;
  const names = samples.map(({ name }) => name);

  const read = JSON.parse((await run(folder, python, ["-c", script, ...names])).toString());

  expect(read).toHaveLength(names.length);
  for (const [[before, comment], [after, newComment]] of read) {
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.slice(before.length).map(([name]: [string]) => name)).toEqual([
      wrapper.name,
      object.name,
      ".unplug/undo",
    ]);
    expect(newComment).toBe(comment);
  }
});

needs("javac").test(
  "Java reads the same entries and contents, and ours",
  async () => {
    const source = `
import java.util.zip.*;
public class Read {
  public static void main(String[] paths) throws Exception {
    for (String path : paths) {
      try (ZipFile zip = new ZipFile(path)) {
        StringBuilder all = new StringBuilder();
        for (var entries = zip.entries(); entries.hasMoreElements();) {
          ZipEntry entry = entries.nextElement();
          byte[] content = zip.getInputStream(entry).readAllBytes();
          CRC32 crc = new CRC32();
          crc.update(content);
          if (crc.getValue() != entry.getCrc()) throw new Exception(path + " " + entry.getName());
          all.append(entry.getName()).append('|').append(entry.getTime()).append('|').append(crc.getValue()).append('\\t');
        }
        System.out.println(all);
      }
    }
  }
}`;
    writeFileSync(join(folder, "Read.java"), source);
    const paths = samples.flatMap(({ name }) => [`${name}.before`, `${name}.after`]);

    const lines = (await run(folder, "java", ["-XX:TieredStopAtLevel=1", "Read.java", ...paths]))
      .toString()
      .split("\n");

    expect(lines).toHaveLength(paths.length + 1);
    for (let at = 0; at < paths.length; at += 2) {
      const before = lines[at] ?? "";
      expect(lines[at + 1]?.startsWith(before), paths[at]).toBe(true);
      expect(lines[at + 1]?.slice(before.length)).toMatch(
        /^\.unplug\/wrapper\|\d+\|\d+\t\.unplug\/x86_64\.so\|\d+\|\d+\t\.unplug\/undo\|\d+\|\d+\t$/,
      );
    }
  },
  120_000,
);

needs("unzip").test("the original comes back without any program of ours", async (unzip) => {
  for (const { name, original } of samples) {
    const script = `"$0" -p "$1" .unplug/undo >tail && head -c $(($2 - $(wc -c <tail))) "$1" | cat - tail`;

    const back = await run(folder, "sh", ["-c", script, unzip, `${name}.after`, String(original.length)]);

    expect(back.equals(original), name).toBe(true);
  }
});

needsAll("zip", "unzip").test(
  "what Info-ZIP adds and deletes later is noticed, and stays when ours goes",
  async () => {
    const sample = samples.find(({ name }) => name === "zip-usual.zip");
    const trees: unknown[] = [];
    for (const [state, zip] of [
      ["without ours", sample?.original],
      ["with ours", sample?.added],
    ] as const) {
      const path = join(folder, `changed ${state}.zip`);
      writeFileSync(path, zip ?? "");
      await run(folder, "zip", ["-q", path, "Later.txt"]);
      await run(folder, "zip", ["-qd", path, "lib/empty"]);
      if (state === "with ours") {
        const changed = readFileSync(path);
        expect(await takeOut(changed, addition.folder)).toMatchObject({ problem: { code: "changed" } });
        const left = await withoutOurPart(changed, addition);
        writeFileSync(path, ("zip" in left && left.zip) || "");
      }
      mkdirSync(join(folder, state));
      await run(join(folder, state), "unzip", ["-qq", path]);
      trees.push(treeOf(join(folder, state)));
    }

    expect(trees[0]).toMatchObject({ "Later.txt": "100644 bGF0ZXI=", bootstrap: expect.any(String) });
    expect(trees[1]).toEqual(trees[0]);
  },
);
