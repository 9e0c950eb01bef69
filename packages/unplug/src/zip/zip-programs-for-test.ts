import { spawn } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { Need } from "../../../../test/support/needs.ts";

/** Runs a program in a folder; fails with what it wrote when it fails. */
export async function run(
  folder: string,
  program: string,
  args: readonly string[],
  input?: string,
): Promise<Buffer> {
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, TZ: "UTC", LC_ALL: "C.UTF-8" } });
  // A program may end without having read anything.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const [out, err, code] = await Promise.all([buffer(child.stdout), buffer(child.stderr), ended]);
  if (code !== 0)
    throw new Error(
      `${program} ${args.join(" ")} ended with ${code}:\n${Buffer.concat([out, err]).toString()}`,
    );
  return out;
}

/** A folder as functions have it: modes, a link, names in Unicode, a file that does not get smaller, an empty one. */
export function makeTree(folder: string): void {
  const files: Record<string, [content: string | Buffer, mode: number]> = {
    "index.mjs": ["export const handler = async () => 0;\n".repeat(20), 0o644],
    bootstrap: ["#!/bin/sh\nexec ./server\n", 0o755],
    "lib/private.json": ["{}", 0o600],
    "lib/empty": ["", 0o644],
    "lib/größe 🙂.txt": ["unicode\n", 0o644],
    "lib/noise.bin": [
      Buffer.from(Array.from({ length: 700 }, (_, at) => (at * 131 + (at >> 3) * 17) % 251)),
      0o444,
    ],
    "node_modules/a/index.js": ["module.exports = 1;\n", 0o664],
  };
  for (const [name, [content, mode]] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), content);
    chmodSync(join(folder, name), mode);
    utimesSync(join(folder, name), 1_600_000_000, 1_600_000_000);
  }
  mkdirSync(join(folder, "empty-folder"));
  symlinkSync("private.json", join(folder, "lib/link"));
}

/** By path, a character a byte: the kind and mode, and the content or target. */
export function treeOf(folder: string, below = ""): Record<string, string> {
  const found: Record<string, string> = {};
  const at = (path: string) => Buffer.from(`${Buffer.from(folder).toString("latin1")}/${path}`, "latin1");
  for (const bytes of readdirSync(at(below), { encoding: "buffer" })) {
    const name = bytes.toString("latin1");
    const path = below === "" ? name : `${below}/${name}`;
    const { mode } = lstatSync(at(path));
    const kind = mode.toString(8);
    if ((mode & 0o170000) === 0o040000) Object.assign(found, { [path]: kind }, treeOf(folder, path));
    else if ((mode & 0o170000) === 0o120000) found[path] = `${kind} ${readlinkSync(at(path))}`;
    else found[path] = `${kind} ${readFileSync(at(path)).toString("base64")}`;
  }
  return found;
}

interface Maker {
  readonly by: Need;
  /** By name: the zips that it makes of the tree in `folder`. */
  readonly make: (folder: string, program: string) => Promise<Record<string, Buffer>>;
}

/** Writes what Info-ZIP cannot. */
const pythonMaker = `
import sys, zipfile, io, os
out = sys.argv[1]
def zip_of(name, **rest): return zipfile.ZipFile(os.path.join(out, name), "w", **rest)
zip_of("empty").close()
with zip_of("comment", compression=zipfile.ZIP_DEFLATED) as z:
    for folder, _, files in os.walk("."):
        for f in files:
            if not os.path.islink(os.path.join(folder, f)): z.write(os.path.join(folder, f))
    z.comment = b"a comment of the zip"
with zip_of("attributes") as z:
    for system in (0, 3, 11, 19):
        entry = zipfile.ZipInfo("made/by%d.txt" % system, (1980 + system, 2, 3, 4, 5, 6))
        entry.create_system = system
        entry.external_attr = 0x20 if system != 3 else (0o100751 << 16)
        entry.extra = b"\\x99\\x99\\x04\\x00abcd"
        entry.comment = b"of the entry"
        z.writestr(entry, "content %d" % system, zipfile.ZIP_DEFLATED)
    with z.open(zipfile.ZipInfo("made/zip64.txt"), "w", force_zip64=True) as f: f.write(b"sizes in an extra field")
class Pipe(io.RawIOBase):
    def __init__(self, file): self.file = file
    def writable(self): return True
    def write(self, data): return self.file.write(data)
with open(os.path.join(out, "descriptors"), "wb") as file:
    with zipfile.ZipFile(Pipe(file), "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("a.txt", "a" * 100)
        z.writestr("b.txt", "b")
`;

export const makers: readonly Maker[] = [
  {
    by: "zip",
    make: async (folder, zip) => {
      const out = join(folder, "../zip");
      mkdirSync(out);
      await run(folder, zip, ["-qry", join(out, "usual.zip"), "."]);
      await run(folder, zip, ["-qr0X", join(out, "stored.zip"), "."]);
      await run(folder, zip, ["-qrk", join(out, "dos.zip"), "index.mjs", "bootstrap"]);
      await run(folder, zip, ["-qrD", join(out, "comment.zip"), "index.mjs"]);
      await run(folder, zip, ["-qz", join(out, "comment.zip")], "the comment\n");
      const piped = await run(folder, "sh", ["-c", `"$0" -qr - . | cat`, zip]);
      const fromPipe = await run(folder, "sh", ["-c", `echo text | "$0" -q - - | cat`, zip]);
      return { ...zipsIn(out), piped, fromPipe };
    },
  },
  {
    by: "python3",
    make: async (folder, python) => {
      const out = join(folder, "../python");
      mkdirSync(out);
      await run(folder, python, ["-c", pythonMaker, out]);
      return zipsIn(out);
    },
  },
  {
    by: "jar",
    make: async (folder, jar) => {
      const out = join(folder, "../jar");
      mkdirSync(out);
      await run(folder, jar, [
        "-J-XX:TieredStopAtLevel=1",
        "cf",
        join(out, "usual.jar"),
        "index.mjs",
        "lib",
        "node_modules",
      ]);
      return zipsIn(out);
    },
  },
  {
    by: "bsdtar",
    make: async (folder, bsdtar) => {
      const out = join(folder, "../bsdtar");
      mkdirSync(out);
      await run(folder, bsdtar, ["--format", "zip", "-cf", join(out, "usual.zip"), "."]);
      return zipsIn(out);
    },
  },
  {
    by: "7z",
    make: async (folder, program) => {
      const out = join(folder, "../7z");
      mkdirSync(out);
      await run(folder, program, ["a", "-tzip", "-bd", join(out, "usual.zip"), "."]);
      return zipsIn(out);
    },
  },
];

function zipsIn(folder: string): Record<string, Buffer> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}
