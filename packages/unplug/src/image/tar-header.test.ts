import { describe, expect, it } from "vitest";
import { ImageProblem } from "./image-problem.ts";
import { readPax } from "./tar-header.ts";

const sound = Buffer.from("12 path=usr\n14 linkpath=a\n9 s=1=2\n\n");

describe("what pax says of an entry", () => {
  it("is read by the lengths that stand before each word", () => {
    expect([...readPax(sound)]).toEqual([
      ["path", "usr"],
      ["linkpath", "a"],
      ["s", "1=2\n"],
    ]);
  });

  it.each([
    "12 path=usr\nlinkpath=a\n",
    "12 path=usr\n0 s=1\n",
    "12 path=usr\n ",
    "12 path=usr\n14",
    "3 x",
    "1 ",
    "999999999 a=b\n",
    "-4 a=b\n",
  ])("is refused where it does not go on: %j", (words) => {
    expect(() => readPax(Buffer.from(words))).toThrow(ImageProblem);
  });

  it("comes to an end, whichever two of its bytes are others", () => {
    let refused = 0;
    const bytes = [0x00, 0x0a, 0x20, 0x30, 0x31, 0x39, 0x3d, 0x61];
    for (let first = 0; first < sound.length; first += 1) {
      for (let second = first; second < sound.length; second += 1) {
        for (const one of bytes) {
          for (const other of bytes) {
            const changed = Buffer.from(sound);
            changed[first] = one;
            changed[second] = other;
            try {
              readPax(changed);
            } catch (error) {
              expect(error).toBeInstanceOf(ImageProblem);
              refused += 1;
            }
          }
        }
      }
    }
    expect(refused).toBeGreaterThan(10_000);
  });
});
