import { expect, test } from "vitest";
import { boundedText, LARGEST_TEXT } from "./bounded-text.ts";

test("reads all of what ends, and no more than is told of what does not", async () => {
  async function* two() {
    yield "a";
    yield "b";
  }
  async function* endless() {
    for (;;) yield "x".repeat(65_536);
  }

  expect(await boundedText(two())).toBe("ab");
  expect((await boundedText(endless())).length).toBe(LARGEST_TEXT + 65_536);
});
