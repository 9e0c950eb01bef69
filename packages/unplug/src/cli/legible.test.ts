import { expect, test } from "vitest";
import { legible } from "./legible.ts";

function written(text: string, stream: { readonly isTTY: boolean }, env: Record<string, string>): string {
  let out = "";
  legible({ ...stream, write: (one) => (out += one) }, env).write(text);
  return out;
}

test("a terminal without Unicode gets ASCII, and can still read everything", () => {
  const shown = written("Größe: ✔ 5 … → 日", { isTTY: true }, { LC_ALL: "C" });

  expect(shown).toBe("Gr\\u00f6\\u00dfe: \\u2714 5 ... -> \\u65e5");
});

test("colours reach it as they are", () => {
  expect(written("\u001b[1mx\u001b[0m\n", { isTTY: true }, { LC_ALL: "POSIX" })).toBe(
    "\u001b[1mx\u001b[0m\n",
  );
});

test.each([
  ["a pipe", { isTTY: false }, { LC_ALL: "C" }],
  ["a terminal that speaks UTF-8", { isTTY: true }, { LANG: "de_DE.UTF-8" }],
])("%s gets the text as it is", (_, stream, env) => {
  expect(written("Größe …", stream, env)).toBe("Größe …");
});
