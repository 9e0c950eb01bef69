import { expect, it } from "vitest";
import { environmentOfOthers, environmentWithout } from "./environment.ts";
import { armedVariables, type Way } from "./interceptor.ts";
import { isOurItem } from "./our-names.ts";

const cgo = { version: "go1.22.3", preloads: true, asksLibc: true };
const fixed = { version: "go1.22.3", preloads: false, asksLibc: false };

const rows: readonly (readonly [string, Way, Record<string, string>, Record<string, string>])[] = [
  ["a layer", { kind: "layer", go: null }, {}, { LD_PRELOAD: "/opt/unplug/interceptor.so" }],
  [
    "an image, in front of the image's own",
    { kind: "image", go: null, inherited: { LD_PRELOAD: "/of/the/image.so" } },
    {},
    { LD_PRELOAD: "/.unplug/interceptor.so::/of/the/image.so" },
  ],
  [
    "an image, in front of the function's, which wins over the image's",
    { kind: "image", go: null, inherited: { LD_PRELOAD: "/of/the/image.so" } },
    { LD_PRELOAD: "/of/the/function.so" },
    { LD_PRELOAD: "/.unplug/interceptor.so:/of/the/function.so" },
  ],
  [
    "a Go program with C in an image that has a GODEBUG",
    { kind: "image", go: cgo, inherited: { GODEBUG: "netdns=cgo" } },
    {},
    { LD_PRELOAD: "/.unplug/interceptor.so", GODEBUG: "netdns=go+0,netdns=cgo,,netdns=go+0" },
  ],
  ["a Go program without C", { kind: "code", go: fixed }, { GODEBUG: "a=1" }, { GODEBUG: "a=1" }],
  [
    "a Go program with C, behind a GODEBUG of its own",
    { kind: "code", go: cgo },
    { GODEBUG: "a=1" },
    { LD_PRELOAD: "/var/task/.unplug/interceptor.so", GODEBUG: "a=1,netdns=go+0" },
  ],
  [
    "a Go program with C that chose its resolver: Go 1.19 takes the first, later ones the last",
    { kind: "code", go: cgo },
    { GODEBUG: "netdns=cgo+1,a=1" },
    {
      LD_PRELOAD: "/var/task/.unplug/interceptor.so",
      GODEBUG: "netdns=go+0,netdns=cgo+1,a=1,netdns=go+0",
    },
  ],
];

it.each(rows)("%s is joined to what is there, and goes without a trace", (_title, way, own, wanted) => {
  const armed = armedVariables(own, way, "told");
  expect(armed).toEqual({ ...wanted, UNPLUG_INTERCEPTOR: "told" });

  const [before, after] = [own, armed].map((variables) => ({ own: variables, others: {} }));
  if (before === undefined || after === undefined) throw new Error("nothing to compare");
  expect(environmentWithout(after, before, after)).toEqual(before);
  expect(environmentOfOthers(after, isOurItem).own).toEqual(own);
});

it.each([
  [{ GODEBUG: "a=1," }, { GODEBUG: "a=1" }],
  [{ LD_PRELOAD: ":/of/the/function.so" }, { LD_PRELOAD: "/of/the/function.so" }],
] as const)("what has a separator too many is not taken for ours: %o", (own, wanted) => {
  const armed = armedVariables(own, { kind: "image", go: cgo }, "told");

  expect(environmentOfOthers({ own: armed, others: {} }, isOurItem).own).toEqual(wanted);
});
