import { expect, test } from "vitest";
import { readTold } from "./our-names.ts";
import { describeVersion, readVersionMarker } from "./version-marker.ts";

const LAST = 99_999_999_999;

test("a marker that names a time of no calendar names none: whoever reads it can write it as a date", () => {
  expect(readTold(`unplug=1;until=${LAST};run=r-1`)).toEqual({ run: "r-1", until: LAST * 1000 });
  expect(new Date(LAST * 1000).getUTCFullYear()).toBe(5138);
  expect(readTold(`unplug=1;until=1${LAST};run=r-1`)).toEqual({ run: "r-1", until: null });
  expect(readTold("until=9".padEnd(500, "9")).until).toBeNull();
});

test("a version whose marker names a time of no calendar is somebody else's", () => {
  const marker = { run: "r-1", until: LAST, alias: "live", was: "1" };
  expect(readVersionMarker(describeVersion(marker))).toEqual(marker);
  expect(readVersionMarker(describeVersion({ ...marker, until: LAST * 10 }))).toBeNull();
});
