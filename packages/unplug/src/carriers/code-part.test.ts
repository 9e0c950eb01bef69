import { describe, expect, it } from "vitest";
import { makeGo } from "../../../interceptor/src/go-elf-for-test.ts";
import { zipOf } from "../../../sandbox/src/index.ts";
import { ourPartOf } from "../zip/index.ts";
import { testZip } from "../zip/zip-for-test.ts";
import { withInterceptor, withoutInterceptor } from "./code-part.ts";
import { contentOf } from "./go-bootstrap.ts";

const how = { architecture: "x86_64", runtime: "provided.al2023", handler: "main", bucket: null } as const;
const original = makeGo();
const file = { "config.json": "{}" };
const theirs = await zipOf({ bootstrap: original, ...file });

async function patched(zip: Uint8Array = theirs): Promise<Uint8Array> {
  const made = await withInterceptor(zip, how);
  if ("problem" in made) throw new Error(made.problem);
  return made.zip;
}

async function contentIn(zip: Uint8Array, name = "bootstrap"): Promise<Buffer> {
  const [found] = await contentOf(zip, [name]);
  if (found === undefined) throw new Error(`The zip has no ${name}.`);
  return Buffer.from(found.content);
}

/** What is left when somebody has downloaded the code with ours in it, and packed it anew with these files. */
async function leftOf(files: Readonly<Record<string, Buffer | string>>): Promise<Uint8Array | null> {
  const taken = await withoutInterceptor(await zipOf(files));
  if (taken !== null && "problem" in taken) throw new Error(taken.problem);
  return taken?.zip ?? null;
}

describe("a Go program in a zip", () => {
  it("goes and comes back to the byte", async () => {
    const zip = await patched();

    expect((await contentIn(zip)).equals(original)).toBe(false);
    expect(await withoutInterceptor(zip)).toMatchObject({ zip: theirs });
  });

  it("is in the zip once: that grows by little more than a hook and the blocks that differ", async () => {
    const noise = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * at * 131 + (at >> 7)) & 0xff));
    const zip = await zipOf({ bootstrap: makeGo({ text: noise }) });

    expect((await patched(zip)).length - zip.length).toBeLessThan(zip.length / 2);
  });

  it.each([
    ["exec ./lib/app", "lib/app"],
    ['exec "$LAMBDA_TASK_ROOT/$_HANDLER" "$@"', "main"],
    ["cd $LAMBDA_TASK_ROOT\n./app", "app"],
  ])("is patched where it lies when a script starts it: %s", async (line, name) => {
    const bootstrap = `#!/bin/sh\n${line}\n`;
    const zip = await zipOf({ bootstrap, ...file, [name]: original });
    const made = await withInterceptor(zip, how);
    if ("problem" in made) throw new Error(made.problem);

    expect(made).toMatchObject({ patch: name, go: { version: "go1.22.3" } });
    expect((await contentIn(made.zip)).toString()).toBe(bootstrap);
    expect((await contentIn(made.zip, name)).equals(original)).toBe(false);
    expect(await withoutInterceptor(made.zip)).toMatchObject({ zip });
  });

  it.each(["cd lib\n./app", "cd $LAMBDA_TASK_ROOT/lib\nexec ./app"])(
    "is not looked for from another folder than the script's: %s",
    async (lines) => {
      const bootstrap = `#!/bin/sh\n${lines}\n`;

      expect(await withInterceptor(await zipOf({ bootstrap, app: original }), how)).toMatchObject({
        patch: null,
      });
    },
  );

  it("comes back out of itself when somebody has packed the zip anew, also without what begins with a dot", async () => {
    const bootstrap = await contentIn(await patched());
    const ours = { ".unplug/interceptor.so": "", ".unplug/undo": "" };

    for (const files of [
      { bootstrap, ...file, ...ours },
      { bootstrap, ...file },
    ]) {
      const left = (await leftOf(files)) ?? Buffer.alloc(0);
      expect((await contentIn(left)).equals(original)).toBe(true);
      expect(await contentIn(left, "config.json")).toEqual(Buffer.from("{}"));
      expect(Buffer.from(left).includes(".unplug")).toBe(false);
    }
  });

  it("stays when it is newer than ours, which somebody has packed with it", async () => {
    const newer = { bootstrap: makeGo({ version: "go1.24.1" }), ...file };

    expect(await leftOf({ ...newer, ".unplug/undo": "" })).toEqual(await zipOf(newer));
    expect(await leftOf(newer)).toBeNull();
  });

  it("is told when somebody has changed it since: it does not say any more how it was", async () => {
    const bootstrap = await contentIn(await patched());
    const zip = await zipOf({ bootstrap: bootstrap.fill("x", 4100, 4101), ...file });

    expect(await withoutInterceptor(zip)).toEqual({
      problem: expect.stringMatching(/^Its program bootstrap is patched, .* Deploy the function's own code/),
    });
  });

  it("stays away when somebody has taken it out", async () => {
    expect(await leftOf({ ...file, ".unplug/undo": "" })).toEqual(await zipOf(file));
  });

  it("keeps the mode that it has, also none, as in a zip of Windows", async () => {
    const [bootstrap, other] = [{ name: "bootstrap", content: original }, { name: "lib\\a.dll" }];
    const windows = testZip([{ ...bootstrap, madeBy: 0x0014, attributes: 0 }, other]);
    const unix = testZip([{ ...bootstrap, attributes: 0o100711 << 16 }, other]);
    for (const [zip, mode] of [
      [windows, 0],
      [unix, 0o711],
    ] as const) {
      const made = await patched(zip);
      const read = await ourPartOf(made, { folder: "x/", outside: ["bootstrap"] });
      expect("part" in read ? read.part?.files[0]?.mode : read).toBe(mode);
      expect(await withoutInterceptor(made)).toMatchObject({ zip });
    }
  });

  it("is refused where its name stands twice, and where a link has it", async () => {
    const bootstrap = { name: "bootstrap", content: original };
    const twice = testZip([{ ...bootstrap, content: Buffer.from("#!/bin/sh\n") }, bootstrap]);
    const link = testZip([{ ...bootstrap, attributes: 0o120777 << 16 }]);

    for (const zip of [twice, link]) {
      expect(await withInterceptor(zip, how)).toEqual({
        problem: expect.stringMatching(/"bootstrap" cannot be replaced: one regular file/),
      });
    }
  });
});
