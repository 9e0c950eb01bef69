import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { tarOf } from "../../../../test/support/image-builder.ts";
import { configWith, readConfig } from "./config.ts";
import { findInLayer } from "./find-in-layer.ts";
import { ImageProblem } from "./image-problem.ts";
import { LayeredFiles, type LayerReader } from "./layered-files.ts";
import { readManifest } from "./manifest.ts";
import { scriptTarget, shellTask } from "./script-target.ts";
import { startedProgram } from "./started-program.ts";

const OCI = "application/vnd.oci.image.manifest.v1+json";
const MIB = 1_048_576;

async function* inPieces(bytes: Buffer, length = 65_536): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** One word of pax for the entry that follows; what tells it is a file of its own in the archive. */
function pax(word: string, value: string): Buffer {
  const rest = ` ${word}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length += 1;
  const header = tarOf([{ path: "pax", body: `${length}${rest}` }]).subarray(0, -1024);
  header.write("x", 156);
  header.write("        ", 148);
  const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

describe("a layer", () => {
  it.each([
    ["gzip", gzipSync(Buffer.alloc(64 * MIB))],
    ["zstd", zstdCompressSync(Buffer.alloc(64 * MIB))],
  ])("that is far longer unpacked by %s than packed is left", async (_, packed) => {
    const work = findInLayer(inPieces(packed), ["/app"], { layerBytes: MIB });

    await expect(work).rejects.toThrow(/longer than 1048576 bytes when it is unpacked/);
  });

  it("that says one thing over and over is told once, and the last of it counts", async () => {
    const folders = Array.from({ length: 3_000 }, () => ({ path: "app" }));
    const files = ["first", "last"].map((body) => ({ path: "app/main", body }));

    const found = await findInLayer(inPieces(tarOf([...folders, ...files])), ["/app/main", "/none"]);

    expect(found.map(({ path }) => path)).toEqual(["/app", "/app/main"]);
    expect(String(found[1]?.parts?.[0]?.bytes)).toBe("last");
  });

  it("that has a long file at every place that is looked at is refused", async () => {
    const names = Array.from({ length: 20 }, (_, i) => `f${i}/main`);
    const tar = tarOf(names.map((path) => ({ path, body: "x".repeat(1000) })));
    const paths = names.map((name) => `/${name}`);

    expect(await findInLayer(inPieces(tar), paths, { keptBytes: 20_000 })).toHaveLength(20);
    await expect(findInLayer(inPieces(tar), paths, { keptBytes: 19_999 })).rejects.toThrow(ImageProblem);
  });

  it("that names what no kernel opens says nothing of it", async () => {
    const deep = "a/".repeat(200_000);
    const tar = Buffer.concat([
      pax("linkpath", deep),
      tarOf([{ path: "app", link: "x" }]).subarray(0, -1024),
      pax("path", `${deep}app`),
      tarOf([{ path: "app", body: "x" }]),
    ]);

    expect(await findInLayer(inPieces(tar), ["/app"])).toEqual([]);
  });
});

describe("the files of an image", () => {
  const only =
    (entry: object): LayerReader =>
    (_, [path = ""]) =>
      Promise.resolve([{ path, kind: "file", ...entry }]);

  it("are not looked for at a path that is too long, nor behind a link to one", async () => {
    const link = { kind: "symbolic-link", target: `/${"a/".repeat(600)}` };
    const files = new LayeredFiles(1, only(link));

    expect(await files.firstOf([`/${"a/".repeat(600)}`])).toBeNull();
    await expect(files.firstOf(["/app"])).rejects.toThrow(/\/app leads to a path that is too long/);
  });

  it("that are held are not more than fit", async () => {
    const bytes = new Uint8Array(MIB);
    // The same bytes, told of many.
    const parts = Array.from({ length: 300 }, () => ({ offset: 0, bytes }));
    const files = new LayeredFiles(1, only({ parts, mode: 0o755 }));

    await files.firstOf(["/a"]);
    await expect(files.firstOf(["/b"])).rejects.toThrow(/where the program that it starts is looked for/);
  });
});

describe("what an image starts", () => {
  const start = async (entrypoint: readonly string[], environment: readonly string[] = []) => {
    const asked: string[] = [];
    const read: LayerReader = (_, paths) => {
      asked.push(...paths);
      return Promise.resolve([]);
    };
    const config = { entrypoint, command: [], environment, workingDirectory: "" };
    const image = { layers: 1, read, interpreterOf: () => null };
    return { found: await startedProgram(config, {}, image), asked };
  };

  it("is looked for in no more folders than anybody has, and by no name that is too long", async () => {
    const path = `PATH=${"/x:".repeat(1_000_000)}`;

    expect((await start(["app"], [path])).asked.length).toBeLessThan(100);
    expect(await start(["a/".repeat(2_000_000)])).toMatchObject({ asked: [] });
  });

  it("is not known of a script whose variables double, or that repeats what it was given", () => {
    const doubled = `a=xxxxxxxxxxxxxxxx\n${"a=$a$a\n".repeat(100)}exec $a`;
    const many = `exec app ${'"$@" '.repeat(10_000)}`;

    expect(scriptTarget(doubled, [])).toBeNull();
    expect(
      scriptTarget(
        many,
        Array.from({ length: 200_000 }, () => "word"),
      ),
    ).toBeNull();
    expect(scriptTarget(`v=${"y".repeat(40_000)}\nexec app $v $v`, [])).toBeNull();
    expect(scriptTarget('v=/opt\nexec $v/app "$@"', ["a", "b"])).toEqual(["/opt/app", "a", "b"]);
  });

  it("is not busybox of busybox of busybox", () => {
    expect(shellTask(Array.from({ length: 500_000 }, () => "busybox"))).toBeNull();
    expect(shellTask(["busybox", "sh", "run"])).toEqual({ file: "run", given: [] });
  });
});

describe("a text", () => {
  it("of an index, or of an index of indexes, is no image's", () => {
    const index = Buffer.from('{"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json"}]}');

    expect(() => readManifest(index, "application/vnd.oci.image.index.v1+json")).toThrow(
      /which names images for several machines; one image was expected/,
    );
    expect(() => readManifest(index, OCI)).toThrow(ImageProblem);
  });

  it("that names more layers than anybody makes is refused", () => {
    const blob = { mediaType: "t", digest: "a", size: 1 };
    const manifest = (layers: number) =>
      Buffer.from(JSON.stringify({ config: blob, layers: Array.from({ length: layers }, () => blob) }));

    expect(readManifest(manifest(128), OCI).layers).toHaveLength(128);
    expect(() => readManifest(manifest(35_000), OCI)).toThrow(/names 35000 layers/);
  });

  it("that is nothing but depth is read, or refused", () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    const config = Buffer.from(`{"x":${deep},"rootfs":{"diff_ids":[]}}`);

    expect(() => readConfig(Buffer.from(deep))).toThrow(ImageProblem);
    expect(() => readConfig(Buffer.from("[".repeat(1_000_000)))).toThrow(ImageProblem);
    expect(configWith(config, { diffId: "d", createdBy: "c" }).length).toBe(config.length + 3);
  });
});
