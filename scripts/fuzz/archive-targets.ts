import { gzipSync, zstdCompressSync } from "node:zlib";
import { makeElf } from "../../packages/interceptor/src/elf-for-test.ts";
import { makeGo } from "../../packages/interceptor/src/go-elf-for-test.ts";
import {
  architectures,
  isPatchedGo,
  newTally,
  patchGo,
  readLine,
  readProgram,
  readTally,
  unpatchGo,
} from "../../packages/interceptor/src/index.ts";
import { readShebang } from "../../packages/interceptor/src/shebang.ts";
import { zipOf } from "../../packages/sandbox/src/index.ts";
import { programIn } from "../../packages/unplug/src/carriers/zip-program.ts";
import {
  configWith,
  findInLayer,
  ImageProblem,
  makeLayer,
  manifestWith,
  readConfig,
  readManifest,
} from "../../packages/unplug/src/image/index.ts";
import { scriptTarget, shellTask } from "../../packages/unplug/src/image/script-target.ts";
import {
  appendToZip,
  ourPartOf,
  takeOut,
  unpackedLength,
  withoutOurPart,
} from "../../packages/unplug/src/zip/index.ts";
import { realArchives, withChecksums } from "./real-archives.ts";
import { type FuzzTarget, holds } from "./target.ts";

const folder = ".unplug/";
const files = [{ name: ".unplug/x86_64.so", content: Buffer.alloc(3_000, "ELF"), mode: 0o644 }];

const zip: FuzzTarget = {
  name: "zip",
  samples: async () => {
    const made = realArchives([
      ["zip", "-q", "-r", "MADE", "."],
      ["bsdtar", "-c", "--format", "zip", "-f", "MADE", "."],
      ["7z", "a", "-bd", "-tzip", "MADE", "."],
    ]);
    const plain = [...made, await zipOf({ "index.js": "exports.handler = 1", bootstrap: "#!/bin/sh\n" })];
    const added = await Promise.all(plain.map((one) => appendToZip(one, { folder, files })));
    return [...plain, ...added.flatMap((one) => ("zip" in one ? [one.zip] : []))];
  },
  words: [
    "PK\x01\x02",
    "PK\x03\x04",
    "PK\x05\x06",
    "PK\x06\x07",
    "PK\x06\x06",
    ".unplug/",
    ".unplug/undo",
    "/",
  ],
  read: async (input) => {
    const length = unpackedLength(input);
    const added = await appendToZip(input, { folder, files });
    if ("zip" in added) {
      const back = await takeOut(added.zip, folder);
      holds(
        "original" in back && back.original?.zip.equals(input) === true,
        "what was added to is not taken out as it was",
      );
      holds(length !== null, "a zip is added to whose directory cannot be read");
    }
    const left = await withoutOurPart(input, { folder, outside: ["bootstrap"] });
    if ("zip" in left && left.zip !== null) {
      const again = await ourPartOf(left.zip, { folder });
      holds("part" in again && again.part === null, "something of ours is left");
    }
    await ourPartOf(input, { folder, outside: ["bootstrap", "index.mjs"] });
  },
};

async function* inChunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}

const tars = () =>
  realArchives([
    ["tar", "-c", "--format=ustar", "-f", "MADE", "index.mjs", "bootstrap"],
    ["tar", "-c", "--format=gnu", "-f", "MADE", "."],
    ["tar", "-c", "--format=pax", "-f", "MADE", "."],
    ["tar", "-c", "--format=v7", "-f", "MADE", "index.mjs"],
    ["bsdtar", "-c", "--format=pax", "-f", "MADE", "."],
  ]);

const layer: FuzzTarget = {
  name: "layer",
  samples: () => {
    const plain = [
      ...tars(),
      makeLayer([{ path: "/opt/a/b", content: Buffer.from("b"), mode: 0o644 }]).bytes,
    ];
    return [...plain, ...plain.slice(0, 2).flatMap((one) => [gzipSync(one), zstdCompressSync(one)])];
  },
  words: [
    "30 mtime=1.5\n",
    "19 GNU.sparse.map=\n",
    "12 path=usr\n",
    "path=",
    ".wh.",
    ".wh..wh..opq",
    "ustar",
    "\x1f\x8b",
    "(\xb5/\xfd",
  ],
  mend: withChecksums,
  read: async (input) => {
    const found = await findInLayer(inChunks(input), ["/bootstrap", "/opt/a/b", "/nowhere"], {
      layerBytes: 64_000_000,
    });
    for (const { path, size = 0, parts = [] } of found) {
      holds(path.startsWith("/"), "a path is not absolute");
      holds(
        parts.every(({ offset, bytes }) => offset + bytes.length <= size),
        "a file has more bytes than it is long",
      );
    }
  },
  refuses: (error) => error instanceof ImageProblem,
};

const digest = `sha256:${"a".repeat(64)}`;
const manifestType = "application/vnd.oci.image.manifest.v1+json";
const json = (value: unknown) => Buffer.from(JSON.stringify(value, null, 1));

const imageTexts: FuzzTarget = {
  name: "image-texts",
  samples: () => [
    json({
      architecture: "amd64",
      os: "linux",
      config: { Env: ["PATH=/bin", "A="], Entrypoint: ["/app"], Cmd: null, WorkingDir: "/var/task" },
      rootfs: { type: "layers", diff_ids: [digest, digest] },
      history: [{ created: "2020-01-01T00:00:00Z", created_by: "COPY ] }", empty_layer: true }],
      schemaVersion: 2,
      mediaType: manifestType,
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest, size: 123 }],
    }),
    json({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: 1234 },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest, size: 123 }],
      annotations: { "org.opencontainers.image.created": "2020" },
      rootfs: { diff_ids: [] },
    }),
  ],
  words: ['"rootfs":', '"diff_ids":[', '"layers":[', '"history":[', "\\", '"', "[", "{", "}", "]", ",", ":"],
  read: (input) => {
    let accepted = 0;
    let refused: unknown = null;
    const attempt = (work: () => void) => {
      try {
        work();
        accepted += 1;
      } catch (error) {
        if (!(error instanceof ImageProblem)) throw error;
        refused = error;
      }
    };
    attempt(() => {
      const before = readConfig(input);
      const after = readConfig(configWith(input, { diffId: digest, createdBy: "unplug ü" }));
      holds(after.diffIds.length === before.diffIds.length + 1, "the config has not got one layer more");
      holds(after.entrypoint.join() === before.entrypoint.join(), "the config starts something else");
    });
    attempt(() => {
      const before = readManifest(input, manifestType);
      const added = { config: { digest, size: 1 }, layer: { digest, size: 2 } };
      const after = readManifest(manifestWith(input, manifestType, added), manifestType);
      holds(after.layers.length === before.layers.length + 1, "the manifest has not got one layer more");
    });
    if (accepted === 0) throw refused;
  },
  refuses: (error) => error instanceof ImageProblem,
};

const elf: FuzzTarget = {
  name: "elf",
  samples: () => [
    makeElf({
      sections: [
        { name: ".text", bytes: Buffer.alloc(40) },
        { name: ".gopclntab", bytes: Buffer.alloc(64, 0xfb) },
      ],
    }),
    makeElf({ bits: 32, littleEndian: false, type: 3 }),
    makeElf({ segments: [{ type: 3, bytes: Buffer.from("/lib64/ld-linux-x86-64.so.2\0") }] }),
    makeGo({}),
    makeGo({ architecture: "arm64", position: "independent" }),
  ],
  words: ["\x7fELF", "\xff Go buildinf:", "Go\0\0", "go1.22", "getaddrinfo\0"],
  read: (input) => readProgram(input),
};

const go: FuzzTarget = {
  name: "go",
  samples: () => {
    const arm = makeGo({ architecture: "arm64" });
    const patched = patchGo(arm, "arm64");
    return [
      arm,
      makeGo({}),
      makeGo({ encoding: "short", position: "independent" }),
      makeGo({ slot: "pax", sections: "at the end" }),
      ...("bytes" in patched ? [Buffer.from(patched.bytes)] : []),
    ];
  },
  words: ["\xff Go buildinf:", "go1.22.3", "go1.99"],
  read: (input) => {
    isPatchedGo(input);
    unpatchGo(input);
    for (const architecture of architectures) {
      const made = patchGo(input, architecture);
      if ("problem" in made) continue;
      holds(isPatchedGo(made.bytes), "what was patched is not known as such");
      holds(unpatchGo(made.bytes)?.equals(input) === true, "what was patched is not had again as it was");
    }
  },
};

const scripts: FuzzTarget = {
  name: "scripts",
  samples: () =>
    [
      "#!/usr/bin/env -S A=1 node --flag\nconsole.log(1)",
      '#!/bin/sh\nset -e\nexport X=1\nAPP="$LAMBDA_TASK_ROOT/app"\nexec "$APP" --port "${PORT}" "$@"\n',
      '#!/bin/bash\nif [ -z "$AWS_LAMBDA_RUNTIME_API" ]; then exec /usr/bin/rie node $@; else exec node "$@"; fi\n',
      "unplug: armed pid=12 run=r-1 behavior=refuse targets=2 until=1764000000",
      "2026-01-01 unplug: blocked pid=1 n=3 behavior=hang to=[::1]:443 target=*.example.com:443",
      "unplug: warning pid=7 reason=the file is full",
    ].map((text) => Buffer.from(text)),
  words: ["'", '"', "\\", "$(", "${", "`", "$@", "unplug: ", "exec ", "env -S ", " ", "\t", "A=1 "],
  read: async (input) => {
    const text = input.toString();
    await programIn(await zipOf({ bootstrap: input, app: "#!/bin/sh\n" }), "handler");
    readShebang(input);
    readLine(text);
    scriptTarget(text, ["handler", "b c"]);
    shellTask(text.split(" "));
  },
};

const tally: FuzzTarget = {
  name: "tally",
  samples: () => [Buffer.from(newTally(3))],
  read: (input) => {
    const { byTarget, armed } = readTally(input, 3);
    holds(byTarget.length === 3 && armed >= 0, "it counts what there is not");
  },
  refuses: (error) => error instanceof Error && error.message.includes("are no tally"),
};

export const archiveTargets: readonly FuzzTarget[] = [zip, layer, imageTexts, elf, go, scripts, tally];
