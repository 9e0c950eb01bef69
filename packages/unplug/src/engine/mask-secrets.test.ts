import { expect, test } from "vitest";
import { maskSecrets } from "./mask-secrets.ts";

const SECRET = 'to"ken/of+the=shop';
const mask = (text: string) => maskSecrets({ measures: {}, text }, new Map([["shop", SECRET]])).text;

test.each([
  ["as it is", `told ${SECRET}.`, "told <secret shop>."],
  ["in JSON", JSON.stringify({ heard: SECRET }), '{"heard":"<secret shop>"}'],
  ["in a URL", `?key=${encodeURIComponent(SECRET)}&b`, "?key=<secret shop>&b"],
  ["cut", `told ${SECRET.slice(0, 9)}…`, "told <secret shop>…"],
  ["cut in the middle of others", `"${SECRET.slice(0, 5)}…", and more`, '"<secret shop>…", and more'],
])("a secret is taken out %s", (_how, text, left) => {
  expect(mask(text)).toBe(left);
});

test.each(["", "u:", "user:", "me:"])("a secret is taken out of base64 behind %j", (before) => {
  const left = mask(`Basic ${Buffer.from(before + SECRET).toString("base64")}`) ?? "";

  expect(left).toContain("<secret shop>");
  const rest = left.split("<secret shop>").join("").replace("Basic ", "");
  expect(Buffer.from(rest, "base64").toString("latin1").length).toBeLessThan(before.length + 6);
});

test("measures lose it too, other texts and numbers stay, and short ones are left", () => {
  const check = { measures: { stdout: `a ${SECRET}`, exitCode: 3, other: "…" }, text: null };

  expect(maskSecrets(check, new Map([["shop", `${SECRET}\n`]]))).toEqual({
    measures: { stdout: "a <secret shop>", exitCode: 3, other: "…" },
    text: null,
  });
  expect(maskSecrets({ measures: {}, text: "abc" }, new Map([["s", "b"]])).text).toBe("abc");
});
