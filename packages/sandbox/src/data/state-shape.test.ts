import { expect, test } from "vitest";
import { virtualCloud } from "../cloud-for-test.ts";
import { emptyState } from "../cloud-state.ts";
import { everyRead, withEverything } from "./everything-for-test.ts";
import { dataFormat } from "./state-file.ts";

/** Each member that occurs, and of which kind it is. */
function shapeOf(value: unknown, place: string, into: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) shapeOf(item, `${place}[]`, into);
  else if (value instanceof Map) for (const item of value.values()) shapeOf(item, `${place}{}`, into);
  else if (value instanceof Uint8Array) into.add(`${place}: bytes`);
  else if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value)) shapeOf(member, `${place}.${name}`, into);
  } else into.add(`${place}: ${value === null ? "null" : typeof value}`);
}

// What an older version wrote is read by a newer one only where both mean the same by it.
test(`has in format ${dataFormat} this shape: when it changes, dataFormat is to be raised`, async () => {
  const state = emptyState();
  const virtual = virtualCloud({ state });
  await withEverything(virtual);
  for (const [action, input] of everyRead) await virtual.call(action, input);
  const shape = new Set<string>();
  const { queues, ...others } = state;
  shapeOf({ ...others, queues: [...queues.values()].map((queue) => queue.save()) }, "", shape);
  expect([...shape].toSorted()).toMatchSnapshot();
});
