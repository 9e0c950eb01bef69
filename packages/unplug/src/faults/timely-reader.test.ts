import { expect, it } from "vitest";
import { ImageProblem } from "../image/index.ts";
import { timelyReader } from "./timely-reader.ts";

it("a search of layers begins none any more after ten minutes", async () => {
  let now = 0;
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const read = timelyReader(() => Promise.resolve([]), clock);

  now = 600_000;
  expect(await read(1, ["/app"])).toEqual([]);
  now += 1;
  await expect(read(0, ["/app"])).rejects.toThrow(ImageProblem);
});
