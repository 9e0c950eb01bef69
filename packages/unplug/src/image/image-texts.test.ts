import { describe, expect, it } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import { configWith, configWithout, readConfig } from "./config.ts";
import { ImageProblem } from "./image-problem.ts";
import { manifestWith, manifestWithout, readManifest } from "./manifest.ts";

const OCI = "application/vnd.oci.image.manifest.v1+json";
const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const added = { config: { digest: digest("c"), size: 1234 }, layer: { digest: digest("d"), size: 11_000 } };

describe("a config with one layer more", () => {
  const config = `{
  "z":"ünï \\u00fc \\"}]","big": ${"1234567890".repeat(50)}, "architecture":"amd64","os" : "linux",
  "config":{"Env":["PATH=/bin","A=]"],"Entrypoint":["/app"],"Cmd":null,"10":1,"2":2},
  "rootfs": {"type":"layers","diff_ids":["${digest("1")}" ]},
  "history": [ {"created":"2020-01-01T00:00:00Z","created_by":"COPY ] }"},
    {"empty_layer":true} ]
}\n`;

  it("is the same text but for what is appended", () => {
    const made = configWith(Buffer.from(config), { diffId: digest("2"), createdBy: "unplug – a run" });
    expect(made.toString()).toBe(
      config
        .replace(`"${digest("1")}" ]`, `"${digest("1")}","${digest("2")}" ]`)
        .replace(
          '{"empty_layer":true} ]',
          '{"empty_layer":true},{"created":"1970-01-01T00:00:00Z","created_by":"unplug \\u2013 a run"} ]',
        ),
    );
    expect(made.length - Buffer.byteLength(config)).toBeLessThan(1024);
    expect(readConfig(made)).toEqual({
      architecture: "amd64",
      os: "linux",
      entrypoint: ["/app"],
      command: [],
      environment: ["PATH=/bin", "A=]"],
      workingDirectory: "",
      diffIds: [digest("1"), digest("2")],
      createdBy: ["COPY ] }", "", "unplug – a run"],
    });
  });

  it("has no history where there was none, and a first layer where there was none", () => {
    const made = configWith(Buffer.from('{"rootfs":{"diff_ids":[ ]},"history":null}'), {
      diffId: "x",
      createdBy: "y",
    });
    expect(made.toString()).toBe('{"rootfs":{"diff_ids":["x" ]},"history":null}');
  });

  it("changes the member that counts where one stands twice", () => {
    const made = configWith(Buffer.from('{"rootfs":{"diff_ids":["a"]},"rootfs":{"diff_ids":["b"]}}'), {
      diffId: "x",
      createdBy: "y",
    });
    expect(made.toString()).toBe('{"rootfs":{"diff_ids":["a"]},"rootfs":{"diff_ids":["b","x"]}}');
  });

  it.each([
    "",
    "[]",
    "{}",
    '{"rootfs":{}}',
    '{"rootfs":{"diff_ids":[1]}}',
    '{"rootfs":{"diff_ids":"a"}}',
    '{"config":{"Env":"a"},"rootfs":{"diff_ids":[]}}',
  ])("is not made of %j", (text) => {
    expect(() => configWith(Buffer.from(text), { diffId: "x", createdBy: "y" })).toThrow(ImageProblem);
  });
});

describe.each([
  ["OCI", OCI, "application/vnd.oci.image.layer.v1.tar+gzip"],
  ["Docker's schema 2", DOCKER, "application/vnd.docker.image.rootfs.diff.tar.gzip"],
])("a manifest of %s with one layer more", (_, mediaType, layerType) => {
  const manifest = (type: string) =>
    `{${type}"schemaVersion":2,\n "config": {"size":7,"mediaType":"m","digest":"${digest("a")}","x":[1]},"layers":[
   {"mediaType":"${layerType}","size":5,"digest":"${digest("b")}"}
 ],"annotations":{"b":"1","a":"2"},"subject":null}`;

  it.each(["", `"mediaType":"${mediaType}",`])("keeps all else, with %j in it", (type) => {
    const made = manifestWith(Buffer.from(manifest(type)), mediaType, added);
    const layer = `{"mediaType":"${layerType}","size":11000,"digest":"${digest("d")}"}`;
    expect(made.toString()).toBe(
      manifest(type)
        .replace('"size":7', '"size":1234')
        .replace(digest("a"), digest("c"))
        .replace(`"${digest("b")}"}\n`, `"${digest("b")}"},${layer}\n`),
    );
    expect(readManifest(made, mediaType).layers).toHaveLength(2);
  });
});

it.each([
  ["an index", "application/vnd.oci.image.index.v1+json", "{}"],
  ["a list", "application/vnd.docker.distribution.manifest.list.v2+json", "{}"],
])("a manifest is not read from %s, which names several", (_, mediaType, text) => {
  expect(() => readManifest(Buffer.from(text), mediaType)).toThrow("images for several machines");
});

it.each([
  "{}",
  "nonsense",
  '{"config":{},"layers":[]}',
  '{"config":{"mediaType":"a","digest":"b","size":-1},"layers":[]}',
])("a manifest is not read from %j", (text) => {
  expect(() => readManifest(Buffer.from(text), OCI)).toThrow(ImageProblem);
});

describe("what was made is taken back", () => {
  const space = fc.constantFrom("", " ", "\n\t", "  ");
  const text = fc.string({ unit: "binary" }).map((any) => JSON.stringify(any));
  const list = (item: fc.Arbitrary<string>) =>
    fc
      .tuple(fc.array(item, { maxLength: 4 }), space, space)
      .map(([all, a, b]) => `[${a}${all.join(`,${a}`)}${b}]`);
  const history = fc.oneof(
    fc.constantFrom("null", "{}", "7"),
    list(fc.tuple(text, space).map(([by, gap]) => `{"created_by":${gap}${by}}`)),
  );

  it("byte by byte, from any config", () => {
    const configs = fc
      .record({ gap: space, diffIds: list(text), history, before: text, after: text })
      .map(
        (c) =>
          `{"x":${c.before},"rootfs":${c.gap}{"diff_ids":${c.diffIds}},"history":${c.history}${c.gap},"y":${c.after}}`,
      );
    fc.assert(
      fc.property(configs, text, (config, createdBy) => {
        const bytes = Buffer.from(config);
        expect(configWithout(configWith(bytes, { diffId: digest("2"), createdBy }))).toEqual(bytes);
      }),
    );
  });

  it("byte by byte, from any manifest", () => {
    const blob = fc
      .tuple(fc.nat(), text, space)
      .map(([size, of, gap]) => `{"size":${gap}${size},"mediaType":"t","digest":${gap}"a","x":${of}}`);
    const manifests = fc
      .tuple(blob, list(blob), space, fc.boolean())
      .map(([config, layers, gap, first]) =>
        first
          ? `{"config":${config},${gap}"layers":${layers}}`
          : `{"layers":${layers}${gap},"config":${config}}`,
      );
    fc.assert(
      fc.property(manifests, (manifest) => {
        const bytes = Buffer.from(manifest);
        const { config } = readManifest(bytes, OCI);
        expect(manifestWithout(manifestWith(bytes, OCI, added), OCI, config)).toEqual(bytes);
      }),
    );
  });

  it("and not where nothing was put to it", () => {
    expect(() => configWithout(Buffer.from('{"rootfs":{"diff_ids":[ ]}}'))).toThrow(ImageProblem);
    const none = Buffer.from('{"config":{"size":1,"mediaType":"t","digest":"a"},"layers":[]}');
    expect(() => manifestWithout(none, OCI, added.config)).toThrow(ImageProblem);
  });
});
