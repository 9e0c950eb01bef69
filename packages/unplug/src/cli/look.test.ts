import { expect, test } from "vitest";
import { isLive, lookOf } from "./look.ts";

const pipe = { write: () => true };
const terminal = { ...pipe, isTTY: true, columns: 120 };

test("a terminal is drawn on, a pipe, a dumb terminal and CI are not", () => {
  expect(isLive(terminal, {})).toBe(true);
  expect(isLive(pipe, {})).toBe(false);
  expect(isLive(terminal, { TERM: "dumb" })).toBe(false);
  expect(isLive(terminal, { CI: "true" })).toBe(false);
});

test("colours go to terminals alone, and never against NO_COLOR", () => {
  const colored = (stream: typeof pipe, env: Record<string, string>) =>
    lookOf(stream, env).style.red("x") !== "x";

  expect(colored(terminal, {})).toBe(true);
  expect(colored(terminal, { NO_COLOR: "1" })).toBe(false);
  expect(colored(pipe, {})).toBe(false);
});

test("FORCE_COLOR has the last word", () => {
  const colored = (env: Record<string, string>) => lookOf(pipe, env).style.red("x") !== "x";

  expect(colored({ FORCE_COLOR: "1" })).toBe(true);
  expect(colored({ FORCE_COLOR: "", CI: "true" })).toBe(true);
  expect(colored({ FORCE_COLOR: "1", NO_COLOR: "1", TERM: "dumb" })).toBe(true);
  expect(colored({ FORCE_COLOR: "0" })).toBe(false);
});

test.each([
  [{ LANG: "C.UTF-8" }, true],
  [{ LANG: "de_DE.utf8" }, true],
  [{ LANG: "de_DE.UTF-8", LC_ALL: "C" }, false],
  [{ LANG: "C" }, false],
  [{}, false],
])("the locale %o speaks more than ASCII: %s", (env, unicode) => {
  expect(lookOf(pipe, env, "linux").unicode).toBe(unicode);
});

test("takes the terminal's width, and a wide page for a pipe", () => {
  expect(lookOf(terminal, {}).width).toBe(120);
  expect(lookOf({ ...terminal, columns: 0 }, {}).width).toBe(80);
  expect(lookOf(pipe, {}).width).toBe(100);
});
