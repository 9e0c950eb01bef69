import { describe, expect, it } from "vitest";
import { firstClosed, isTimeZone, type OpenHours } from "./hours.ts";

const at = (text: string) => Date.parse(text);
const MINUTE = 60_000;
const office: OpenHours = {
  days: ["mon", "tue", "wed", "thu", "fri"],
  from: "09:00",
  to: "17:00",
  zone: "Europe/Berlin",
};
const night: OpenHours = { days: ["fri"], from: "22:00", to: "04:00", zone: "UTC" };

describe("hours", () => {
  // In winter, Berlin is an hour ahead of UTC; 2026-11-23 is a Monday.
  it.each([
    ["their first minute", "2026-11-23T08:00:00Z", MINUTE, null],
    ["the minute before", "2026-11-23T07:59:59Z", MINUTE, "2026-11-23T07:59:59Z"],
    ["up to their very end", "2026-11-23T15:30:00Z", 30 * MINUTE, null],
    ["a second beyond", "2026-11-23T15:30:01Z", 30 * MINUTE, "2026-11-23T16:00:00Z"],
    ["a Sunday", "2026-11-22T12:00:00Z", MINUTE, "2026-11-22T12:00:00Z"],
    ["over a night", "2026-11-23T15:00:00Z", 24 * 60 * MINUTE, "2026-11-23T16:00:00Z"],
    ["no time at all, while open", "2026-11-23T12:00:00Z", 0, null],
    ["no time at all, while closed", "2026-11-23T20:00:00Z", 0, "2026-11-23T20:00:00Z"],
    ["summer, two hours ahead", "2026-07-20T07:00:00Z", MINUTE, null],
  ])("of an office: %s", (_, from, length, closed) => {
    expect(firstClosed([office], at(from), at(from) + length)).toBe(closed === null ? null : at(closed));
  });

  it.each([
    ["on its day", "2026-11-27T23:00:00Z", true],
    ["after midnight of its day", "2026-11-28T03:59:00Z", true],
    ["when it is over", "2026-11-28T04:00:00Z", false],
    ["after midnight of the day before", "2026-11-27T03:00:00Z", false],
  ])("that go beyond midnight belong to the day on which they begin: %s", (_, from, open) => {
    expect(firstClosed([night], at(from), at(from) + MINUTE) === null).toBe(open);
  });

  it("that join hold together", () => {
    const all: OpenHours[] = [
      { from: "08:00", to: "12:00", zone: "UTC" },
      { from: "12:00", to: "24:00", zone: "UTC" },
    ];
    expect(firstClosed(all, at("2026-11-22T11:00:00Z"), at("2026-11-23T00:00:00Z"))).toBeNull();
    expect(firstClosed(all, at("2026-11-22T11:00:00Z"), at("2026-11-23T00:00:01Z"))).toBe(
      at("2026-11-23T00:00:00Z"),
    );
  });

  it("that never end permit a run of any length", () => {
    const always: OpenHours = { from: "00:00", to: "24:00", zone: "UTC" };
    const from = at("2026-11-22T11:00:00Z");
    expect(firstClosed([always], from, from + 400 * 24 * 60 * MINUTE)).toBeNull();
  });

  it("are on the wall of their zone, when its clocks change too", () => {
    // On 2026-10-25 Berlin's clocks go back from 03:00 to 02:00: 02:30 is twice.
    const early: OpenHours = { from: "02:00", to: "03:00", zone: "Europe/Berlin" };
    expect(firstClosed([early], at("2026-10-25T00:00:00Z"), at("2026-10-25T02:00:00Z"))).toBeNull();
  });
});

it.each([
  ["Europe/Berlin", true],
  ["UTC", true],
  ["Europe/Berln", false],
  ["", false],
  ["local", false],
])("knows the time zone %j: %s", (zone, known) => {
  expect(isTimeZone(zone)).toBe(known);
});
