import { expect, test } from "vitest";
import { jobState, readJobState } from "./job-state.ts";

test("reads a job in the foreground of a terminal", () => {
  expect(readJobState("812 (node) S 811 812 700 34816 812 4194304 1 0")).toEqual({
    state: "S",
    isSessionLeader: false,
    hasTerminal: true,
    inForeground: true,
  });
});

test("reads one that is stopped in the background, whatever its program is called", () => {
  expect(readJobState("812 (a) T 1 (b) T 811 812 700 34816 700 0")).toEqual({
    state: "T",
    isSessionLeader: false,
    hasTerminal: true,
    inForeground: false,
  });
});

test("reads a session of its own without a terminal", () => {
  expect(readJobState("812 (node) R 1 812 812 0 -1 0")).toEqual({
    state: "R",
    isSessionLeader: true,
    hasTerminal: false,
    inForeground: false,
  });
});

test.runIf(process.platform === "linux")("finds this process, and none that is not there", () => {
  expect(jobState(process.pid)?.state).toMatch(/^[RSD]$/);
  expect(jobState(0)).toBeNull();
});
