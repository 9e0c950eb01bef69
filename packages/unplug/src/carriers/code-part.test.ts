import { describe, expect, it } from "vitest";
import { makeGo } from "../../../interceptor/src/go-elf-for-test.ts";
import { zipOf } from "../../../sandbox/src/index.ts";
import { testZip } from "../zip/zip-for-test.ts";
import { withInterceptor, withoutInterceptor } from "./code-part.ts";
import { bootstrapIn } from "./go-bootstrap.ts";

const how = { architecture: "x86_64", runtime: "provided.al2023", bucket: null } as const;
const original = makeGo();
const file = { "config.json": "{}" };
const theirs = await zipOf({ bootstrap: original, ...file });

async function patched(zip: Uint8Array = theirs): Promise<Uint8Array> {
  const made = await withInterceptor(zip, how);
  if ("problem" in made) throw new Error(made.problem);
  return made.zip;
}

async function bootstrapOf(zip: Uint8Array): Promise<Uint8Array> {
  const found = await bootstrapIn(zip);
  if (found === null) throw new Error("The zip has no bootstrap.");
  return found.content;
}

/** What is left when somebody has downloaded the code with ours in it, and packed it anew with these files. */
async function leftOf(files: Readonly<Record<string, Buffer | string>>): Promise<Uint8Array | null> {
  const ours = { ".unplug/bootstrap": original, ".unplug/undo": "" };
  const taken = await withoutInterceptor(await zipOf({ ...files, ...ours }));
  if (taken !== null && "problem" in taken) throw new Error(taken.problem);
  return taken?.zip ?? null;
}

describe("a Go program in a zip", () => {
  it("goes and comes back to the byte", async () => {
    const zip = await patched();

    expect(Buffer.from(await bootstrapOf(zip)).equals(original)).toBe(false);
    expect(await withoutInterceptor(zip)).toMatchObject({ zip: theirs });
  });

  it("gets its name back from ours when somebody has packed the zip anew", async () => {
    const bootstrap = Buffer.from(await bootstrapOf(await patched()));

    const left = (await leftOf({ bootstrap, ...file })) ?? Buffer.alloc(0);
    expect(Buffer.from(await bootstrapOf(left)).equals(original)).toBe(true);
    expect(Buffer.from(left).includes(".unplug")).toBe(false);
  });

  it("stays when it is newer than ours, which somebody has packed with it", async () => {
    const newer = { bootstrap: makeGo({ version: "go1.24.1" }), ...file };

    expect(await leftOf(newer)).toEqual(await zipOf(newer));
  });

  it("is told when somebody has packed ours without it, as * leaves out what begins with a dot", async () => {
    const bootstrap = Buffer.from(await bootstrapOf(await patched()));
    const zips = [
      await zipOf({ bootstrap, ...file }),
      await zipOf({ bootstrap, ".unplug/interceptor.so": "", ".unplug/undo": "" }),
    ];

    for (const zip of zips) {
      expect(await withoutInterceptor(zip)).toEqual({
        problem: expect.stringMatching(/is patched, and the original, .* Deploy the function's own code/),
      });
    }
    expect(await withoutInterceptor(theirs)).toBeNull();
  });

  it("stays away when somebody has taken it out", async () => {
    expect(await leftOf(file)).toEqual(await zipOf(file));
  });

  it("gets a mode where a zip of Windows has none, and keeps the one that it has", async () => {
    const [bootstrap, other] = [{ name: "bootstrap", content: original }, { name: "lib\\a.dll" }];
    const windows = testZip([{ ...bootstrap, madeBy: 0x0014, attributes: 0 }, other]);
    const unix = testZip([{ ...bootstrap, attributes: 0o100711 << 16 }, other]);
    const made = await Promise.all([windows, unix].map(patched));
    const modes = (await Promise.all(made.map(bootstrapIn))).map((found) => found?.mode);

    expect(modes).toEqual([0o755, 0o711]);
    for (const [i, zip] of [windows, unix].entries()) {
      expect(await withoutInterceptor(made[i] ?? Buffer.alloc(0))).toMatchObject({ zip });
    }
  });

  it("is refused where its name stands twice, and where a link has it", async () => {
    const bootstrap = { name: "bootstrap", content: original };
    const twice = testZip([{ ...bootstrap, content: Buffer.from("#!/bin/sh\n") }, bootstrap]);
    const link = testZip([{ ...bootstrap, attributes: 0o120777 << 16 }]);

    for (const zip of [twice, link]) {
      expect(await withInterceptor(zip, how)).toEqual({
        problem: expect.stringMatching(/"bootstrap" cannot be moved: one regular file/),
      });
    }
  });
});
