import { spawnSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import { findInLayer } from "./find-in-layer.ts";
import { ImageProblem } from "./image-problem.ts";
import { makeLayer } from "./layer.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const LONG = `opt/${"long-name-".repeat(14)}/${"more-".repeat(30)}end`;

/** An archive by the machine's own tar. */
function tarOf(...options: readonly string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "unplug-layer-"));
  folders.push(folder);
  const files: Readonly<Record<string, string>> = {
    "usr/bin/app": "the program",
    "usr/bin/ünï": "umlauts",
    "opt/.wh.gone": "",
    "srv/.wh..wh..opq": "",
    "etc/last": "last",
    [LONG]: "long",
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  chmodSync(join(folder, "usr/bin/app"), 0o755);
  linkSync(join(folder, "usr/bin/app"), join(folder, "usr/bin/same"));
  symlinkSync("usr/bin", join(folder, "bin"));
  symlinkSync(`/${LONG}`, join(folder, "etc/long-link"));
  const made = spawnSync("tar", ["-c", "-f", "-", "--sort=name", ...options, "-C", folder, "."], {
    timeout: 60_000,
    maxBuffer: 10_000_000,
  });
  if (made.status !== 0) throw new Error(String(made.stderr));
  return made.stdout;
}

async function* inPieces(bytes: Buffer, length = 700): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

const text = (parts: readonly { bytes: Uint8Array }[] = []) =>
  parts.map(({ bytes }) => Buffer.from(bytes).toString()).join("…");

describe.each([
  ["GNU's format", ["--format=gnu"]],
  ["pax", ["--format=pax"]],
])("a layer in %s", (_, options) => {
  const tar = tarOf(...options);

  it.each([
    ["gzip", gzipSync(tar)],
    [
      "several members of gzip",
      Buffer.concat([gzipSync(tar.subarray(0, 3000)), gzipSync(tar.subarray(3000))]),
    ],
    ["zstd", zstdCompressSync(tar)],
    ["nothing", tar],
  ])("packed by %s tells what it has", async (_name, bytes) => {
    const paths = [
      "/usr/bin/app",
      "/usr/bin/ünï",
      "/usr/bin/same",
      "/etc/long-link",
      `/${LONG}`,
      "/opt/gone/x",
      "/srv/x",
    ];
    const found = await findInLayer(inPieces(bytes), paths);
    const at = (path: string) => found.filter((entry) => entry.path === path);
    expect(at("/usr/bin")).toEqual([{ path: "/usr/bin", kind: "folder", mode: expect.any(Number) }]);
    expect(text(at(`/${LONG}`)[0]?.parts)).toBe("long");
    expect(text(at("/usr/bin/ünï")[0]?.parts)).toBe("umlauts");
    expect(at("/etc/long-link")).toMatchObject([{ kind: "symbolic-link", target: `/${LONG}` }]);
    expect(at("/opt/gone")).toEqual([{ path: "/opt/gone", kind: "whiteout" }]);
    expect(at("/srv")).toMatchObject([{ kind: "folder" }, { kind: "opaque" }]);
    const [one, other] = [...at("/usr/bin/app"), ...at("/usr/bin/same")];
    expect(new Set([one?.kind, other?.kind])).toEqual(new Set(["file", "hard-link"]));
    const [file, link] = one?.kind === "file" ? [one, other] : [other, one];
    expect(file).toMatchObject({ mode: 0o755, size: 11 });
    expect(text(file?.parts)).toBe("the program");
    expect(link?.target).toBe(file?.path);
  });
});

describe("a layer", () => {
  it("is left as soon as all is told", async () => {
    const first = makeLayer([{ path: "/a", mode: 0o644, content: Buffer.from("first") }]).bytes;
    let left = false;
    const endless = (async function* () {
      try {
        yield first.subarray(0, -8);
        for (;;) yield Buffer.alloc(1024);
      } finally {
        left = true;
      }
    })();
    // What comes behind is no gzip: whoever read on would fail.
    expect((await findInLayer(endless, ["/a"]))[0]?.path).toBe("/a");
    await expect.poll(() => left).toBe(true);
  });

  it("says that a path leads elsewhere, and is left there", async () => {
    const tar = tarOf();
    const pieces: number[] = [];
    const counted = (async function* () {
      for await (const piece of inPieces(tar, 512)) {
        pieces.push(piece.length);
        yield piece;
      }
    })();
    const found = await findInLayer(counted, ["/bin/app"]);
    expect(found.at(-1)).toMatchObject({ path: "/bin", kind: "symbolic-link", target: "usr/bin" });
    expect(pieces.length).toBeLessThan(tar.length / 512 / 2);
  });

  it("gives of a long file the beginning and the end", async () => {
    const content = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));
    const { bytes } = makeLayer([{ path: "/a", mode: 0o755, content }]);
    const [found] = await findInLayer(inPieces(bytes), ["/a"], { wholeBytes: 1000, edgeBytes: 300 });
    expect(found?.size).toBe(5000);
    expect(found?.parts).toEqual([
      { offset: 0, bytes: content.subarray(0, 300) },
      { offset: 4700, bytes: content.subarray(4700) },
    ]);
  });

  it.each([
    ["cut off", gzipSync(tarOf()).subarray(0, 900)],
    ["cut off in a header", tarOf().subarray(0, 700)],
    ["no archive", Buffer.from("x".repeat(2000))],
    ["damaged", gzipSync(Buffer.from("x".repeat(2000))).fill(7, 12)],
    ["too long", gzipSync(Buffer.alloc(0))],
  ])("is refused when it is %s", async (name, bytes) => {
    const chunks =
      name === "too long"
        ? (async function* () {
            for (;;) yield tarOf().subarray(0, 4096);
          })()
        : inPieces(bytes);
    await expect(findInLayer(chunks, ["/nowhere"], { layerBytes: 4000 })).rejects.toThrow(ImageProblem);
  });

  it("that is damaged anywhere is read, or refused, and nothing else", async () => {
    const tar = tarOf("--format=pax");
    const damage = fc.record({ at: fc.nat(tar.length - 1), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 6 }), async (damages) => {
        const bytes = Buffer.from(tar);
        for (const { at, byte } of damages) bytes[at] = byte;
        const told = await findInLayer(inPieces(bytes, 4096), ["/usr/bin/app", "/nowhere"]).catch(
          (error: unknown) => error,
        );
        expect(Array.isArray(told) || told instanceof ImageProblem).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("that climbs out of itself is not heeded", async () => {
    const { bytes } = makeLayer([{ path: "/up/etc/app", mode: 0o755, content: Buffer.from("x") }]);
    const tar = gunzipSync(bytes);
    const at = tar.indexOf("up/etc/app");
    tar.write("..", at);
    // The checksum of the header: "u" and "p" less, two dots more.
    const sum = Number.parseInt(tar.toString("latin1", at + 148, at + 154), 8);
    const changed = sum - "u".charCodeAt(0) - "p".charCodeAt(0) + 2 * ".".charCodeAt(0);
    tar.write(changed.toString(8).padStart(6, "0"), at + 148);
    expect(await findInLayer(inPieces(tar), ["/etc/app", "/up/etc/app"])).toMatchObject([
      { path: "/up", kind: "folder" },
      { path: "/up/etc", kind: "folder" },
    ]);
  });

  it("passes on what its source throws", async () => {
    const bytes = gzipSync(tarOf());
    const cut = (async function* () {
      yield bytes.subarray(0, 500);
      throw new TypeError("the line is dead");
    })();
    await expect(findInLayer(cut, ["/nowhere"])).rejects.toThrow("the line is dead");
  });
});
