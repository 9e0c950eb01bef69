import { fc } from "../../../../test/support/fast-check.ts";
import { type TestEntry, testZip } from "./zip-for-test.ts";

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
/** Names of all bytes, and some that are nearly ours. */
const name = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z]{1,8}(\/[a-z.]{1,9}){0,3}\/?$/) },
  { weight: 1, arbitrary: bytes(20).map((all) => `n${all.toString("latin1").replaceAll("/", "")}`) },
  { weight: 1, arbitrary: fc.constantFrom(".unplugged", "lib/.unplug/undo", "undo", "..", ".unplu") },
);

const entry: fc.Arbitrary<TestEntry> = fc.record(
  {
    name,
    content: bytes(200),
    isDeflated: fc.boolean(),
    descriptor: fc.constantFrom("none", "signed", "bare"),
    flags: fc.constantFrom(0, 0x800, 2, 6),
    localExtra: bytes(30),
    extra: bytes(30),
    comment: fc.constantFrom("", "a comment", "undo 1 22"),
    attributes: fc.constantFrom(0o100644 << 16, 0o100755 << 16, 0o120777 << 16, 0o40755 << 16, 0x20, 0),
    madeBy: fc.constantFrom(0x031e, 0x0014, 0x0b14, 0x133f),
    time: fc.integer({ min: 0, max: 0x7fffffff }),
    gap: bytes(10),
  },
  { requiredKeys: ["name"] },
);

/** Zips as they may be met: every field that has no say in where things are may be anything. */
export const anyZip = fc
  .record({
    entries: fc.array(entry, { maxLength: 12 }),
    comment: fc.constantFrom("", "c", "a longer comment"),
    gap: fc.oneof(fc.constant(Buffer.alloc(0)), bytes(40)),
  })
  .map(({ entries, comment, gap }) => testZip(entries, { comment, gap }));
