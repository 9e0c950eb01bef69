import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { builtImage, type ImageFormat, imageTypes } from "../../../../test/support/image-builder.ts";
import { readConfig, readManifest } from "../image/index.ts";
import { imageReference } from "./image-names.ts";
import { digestOf, imageWith } from "./image-part.ts";

const REPOSITORY = `123456789012.dkr.ecr.ap-southeast-2.amazonaws.com/${"shop/".repeat(51)}x`;

it.each([
  ["x86_64", "oci"],
  ["arm64", "docker"],
] as const)(
  "what is put to an image for %s, %s, is a layer of at most 14 KB and a config",
  async (architecture, format: ImageFormat) => {
    const { manifest, blobs, digest: from, mediaType } = builtImage({ layers: [[{ path: "app" }]], format });
    const read = readManifest(manifest, mediaType);
    const configBytes = blobs.get(read.config.digest) ?? Buffer.alloc(0);
    const source = {
      mediaType,
      manifestBytes: manifest,
      configBytes,
      manifest: read,
      config: readConfig(configBytes),
    };
    // The longest name that a function can have for its image.
    const uri = imageReference(`${REPOSITORY}:${"t".repeat(128)}`, from);

    const made = await imageWith(source, { architecture, from, uri, program: null });

    const [layer, config] = made.blobs;
    expect(made.blobs).toHaveLength(2);
    expect(layer?.body.length).toBeLessThanOrEqual(14 * 1024);
    const after = readManifest(made.manifest, mediaType);
    expect(after.layers).toEqual([
      ...read.layers,
      { mediaType: imageTypes[format].layer, digest: layer?.digest, size: layer?.body.length },
    ]);
    const { rootfs } = JSON.parse(Buffer.from(config?.body ?? []).toString());
    expect(rootfs.diff_ids.at(-1)).toBe(digestOf(gunzipSync(layer?.body ?? Buffer.alloc(0))));
  },
);
