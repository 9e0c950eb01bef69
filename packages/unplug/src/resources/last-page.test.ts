import { expect, test } from "vitest";
import type { Io } from "../contract/io.ts";
import { alias } from "./alias.ts";
import { configuration } from "./configuration.ts";
import { version } from "./version.ts";

const place = { account: "123456789012", region: "us-east-1", endpoint: null };
const ref = { kind: "", id: "arn:aws:lambda:us-east-1:123456789012:function:orders", within: null, place };
const edit = {
  ref,
  before: null,
  after: {
    memoryMib: 128,
    timeoutSeconds: 3,
    handler: null,
    role: "",
    runtime: null,
    description: "",
    storageMib: null,
    layers: [],
    environment: { own: { UNPLUG_INTERCEPTOR: "unplug=1;run=r-1" }, others: {} },
  },
};

// Some that stand in for AWS say so that there are no more, and AWS takes an empty marker for none.
test.each([
  ["aliases", (io: Io) => alias.recognise?.(ref, io)],
  ["versions", (io: Io) => version.recognise?.(ref, io)],
  ["copies", (io: Io) => configuration.copies?.(edit, io)],
])("a page without a next one is the last, also where its marker is empty: %s", async (_, work) => {
  let asked = 0;
  const call = () => {
    asked += 1;
    if (asked > 1) throw new Error("the page after the last was asked for");
    return Promise.resolve({ Aliases: [], Versions: [], NextMarker: "" });
  };
  const io: Io = Object({ aws: { call }, place, signal: new AbortController().signal });
  expect(await work(io)).toEqual([]);
  expect(asked).toBe(1);
});
