import { expect, test } from "vitest";
import { eventFilter } from "./event-filter.ts";

const record = {
  messageId: "m1",
  body: JSON.stringify({ kind: "order", price: 12, tags: ["a", "b"], note: null, place: { city: "Bern" } }),
  attributes: { SenderId: "AIDA" },
};

test.each([
  [{ body: { kind: ["order"] } }, true],
  [{ body: { kind: ["invoice", "order"] } }, true],
  [{ body: { kind: ["invoice"] } }, false],
  [{ body: { kind: ["order"], price: [13] } }, false],
  [{ body: { place: { city: ["Bern"] } } }, true],
  [{ body: { tags: ["b"] } }, true],
  [{ body: { note: [null] } }, true],
  [{ body: { absent: [null] } }, false],
  [{ body: { kind: [{ prefix: "or" }] } }, true],
  [{ body: { kind: [{ suffix: "or" }] } }, false],
  [{ body: { kind: [{ "equals-ignore-case": "ORDER" }] } }, true],
  [{ body: { kind: [{ "anything-but": ["order"] }] } }, false],
  [{ body: { kind: [{ "anything-but": "invoice" }] } }, true],
  [{ body: { kind: [{ "anything-but": { prefix: "or" } }] } }, false],
  [{ body: { absent: [{ exists: false }] } }, true],
  [{ body: { kind: [{ exists: false }] } }, false],
  [{ body: { place: [{ exists: true }] } }, false],
  [{ body: { place: { city: [{ exists: true }] } } }, true],
  [{ body: { price: [{ numeric: [">", 10, "<=", 12] }] } }, true],
  [{ body: { price: [{ numeric: ["<", 12] }] } }, false],
  [{ body: { $or: [{ kind: ["x"] }, { price: [12] }] } }, true],
  [{ attributes: { SenderId: ["AIDA"] } }, true],
  [{ body: ["order"] }, false],
])("matches %j: %s", (pattern, expected) => {
  expect(eventFilter([JSON.stringify(pattern)])(record)).toBe(expected);
});

test("passes a record that matches any pattern, and every record when there is none", () => {
  const patterns = [{ body: { kind: ["x"] } }, { messageId: ["m1"] }].map((pattern) =>
    JSON.stringify(pattern),
  );
  expect(eventFilter(patterns)(record)).toBe(true);
  expect(eventFilter([])(record)).toBe(true);
});

test("compares a body that is no JSON as text only", () => {
  expect(eventFilter(['{"body":["plain"]}'])({ body: "plain" })).toBe(true);
  expect(eventFilter(['{"body":{"kind":["order"]}}'])({ body: "plain" })).toBe(false);
});

test("refuses what it cannot read", () => {
  expect(() => eventFilter(["[]"])).toThrow(/no JSON object/);
  expect(() => eventFilter(['{"body":{"a":"b"}}'])).toThrow(/"a" has to be a list/);
  expect(() => eventFilter(['{"body":{"a":[{"cidr":"10.0.0.0/8"}]}}'])).toThrow(/is not known/);
  expect(() => eventFilter(['{"body":{"a":[{"numeric":["~",1]}]}}'])).toThrow(/expected pairs/);
});
