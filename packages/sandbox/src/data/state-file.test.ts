import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { smallestZip, virtualCloud } from "../cloud-for-test.ts";
import { type CloudState, emptyState } from "../cloud-state.ts";
import { type DurableFiles, durableFiles } from "./durable-files.ts";
import { dataFormat, stateFile } from "./state-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "unplug-state-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function zip(letter: string): Buffer {
  return smallestZip(`${letter.repeat(2000)}.js`);
}

/** A state with one function that has this code. */
async function stateWith(code: Buffer): Promise<CloudState> {
  const state = emptyState();
  const virtual = virtualCloud({ state });
  await virtual.call("lambda:CreateFunction", {
    FunctionName: "f",
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/r",
    Code: { ZipFile: code },
  });
  virtual.pass(1000);
  virtual.cloud.functions.settle();
  return state;
}

function codeOf(state: CloudState | null): Buffer | null {
  const code = [...(state?.functions.values() ?? [])][0]?.latest.shown.code;
  return code !== undefined && "zip" in code && Buffer.isBuffer(code.zip) ? code.zip : null;
}

/** Files that fail from the step of this number on; a write has three: nothing, half of it beside, all of it. */
function failing(at: number): { readonly files: DurableFiles; readonly steps: () => number } {
  const files = durableFiles(folder);
  let steps = 0;
  const step = (): boolean => ++steps > at;
  const crash = (): never => {
    throw new Error("crash");
  };
  return {
    steps: () => steps,
    files: {
      ...files,
      async write(name, bytes) {
        if (step()) crash();
        if (step()) {
          const path = join(folder, `${name}.tmp`);
          await mkdir(join(path, ".."), { recursive: true });
          await writeFile(path, bytes.subarray(0, bytes.length / 2));
          crash();
        }
        await files.write(name, bytes);
        if (step()) crash();
      },
      async remove(name) {
        if (step()) crash();
        await files.remove(name);
      },
    },
  };
}

const read = (): Promise<CloudState | null> => stateFile(durableFiles(folder), folder).read();

test("holds after a crash at any step what was before or what was to be, and forgets what it no longer needs", async () => {
  const before = await stateWith(zip("a"));
  const after = await stateWith(zip("b"));
  for (let at = 0, done = false; !done; at++) {
    await rm(folder, { recursive: true });
    await stateFile(durableFiles(folder), folder).write(before);
    const { files, steps } = failing(at);
    const file = stateFile(files, folder);
    await file.read();
    done = await file.write(after).then(
      () => true,
      () => false,
    );
    const found = codeOf(await read());
    expect([zip("a"), zip("b")].some((one) => found?.equals(one))).toBe(true);
    // Whoever comes next is not in the way of what was left half done.
    await stateFile(durableFiles(folder), folder).write(after);
    expect(codeOf(await read())?.equals(zip("b"))).toBe(true);
    expect((await readdir(join(folder, "code"))).length).toBe(1);
    if (done) expect(steps()).toBe(7);
  }
});

test("writes code once, and nothing when nothing has changed", async () => {
  const written: string[] = [];
  const files = durableFiles(folder);
  const file = stateFile(
    { ...files, write: (name, bytes) => (written.push(name), files.write(name, bytes)) },
    folder,
  );
  const state = await stateWith(zip("a"));
  await file.write(state);
  expect(written).toEqual([expect.stringMatching(/^code\/[0-9a-f]{64}$/), "state"]);
  await file.write(state);
  expect(written).toHaveLength(2);
  state.roleIds.set("role", "id");
  await file.write(state);
  expect(written.slice(2)).toEqual(["state"]);
});

test("has nothing to read in a folder that was never written", async () => {
  expect(await read()).toBeNull();
});

const expected = `expected ${dataFormat}. Use that version`;
test.each([
  ["a newer version", 99, `was written by a newer version of Unplug: its format is 99, ${expected}`],
  ["an older version", 0, `was written by an older version of Unplug: its format is 0, ${expected}`],
])("refuses what %s has written", async (_who, format, words) => {
  await stateFile(durableFiles(folder), folder).write(await stateWith(zip("a")));
  const text = await readFile(join(folder, "state"), "latin1");
  await writeFile(join(folder, "state"), text.replace(/data \d+/, `data ${format}`), "latin1");
  await expect(read()).rejects.toThrow(words);
});

test("refuses what was changed, cut or is something else, and says which file it is", async () => {
  await stateFile(durableFiles(folder), folder).write(await stateWith(zip("a")));
  const state = await readFile(join(folder, "state"));
  for (const broken of [
    state.subarray(0, -1),
    Buffer.concat([state, Buffer.from("x")]),
    Buffer.from("{}"),
    Buffer.alloc(0),
  ]) {
    await writeFile(join(folder, "state"), broken);
    await expect(read()).rejects.toThrow(
      /is damaged: its file state is not as it was written\. Put it back from a copy/,
    );
  }
  await writeFile(join(folder, "state"), state);
  const [name = ""] = await readdir(join(folder, "code"));
  await writeFile(join(folder, "code", name), "other");
  await expect(read()).rejects.toThrow(`its file code/${name} is missing or was changed`);
});
