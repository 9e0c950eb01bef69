import { expect, test } from "vitest";
import { goDebugWithOwnResolver } from "./go-debug.ts";

test.each([
  [undefined, "netdns=go"],
  ["", "netdns=go"],
  ["gctrace=1", "gctrace=1,netdns=go"],
  ["gctrace=1,,http2debug=2,", "gctrace=1,http2debug=2,netdns=go"],
  ["netdns=cgo,gctrace=1", "gctrace=1,netdns=go"],
  ["netdns=go", "netdns=go"],
  ["netdns=cgo+2", "netdns=go+2"],
  ["netdns=1", "netdns=go+1"],
  ["netdns=1+cgo", "netdns=go+1"],
  ["netdns=cgo,netdns=2", "netdns=go+2"],
  ["xnetdns=cgo", "xnetdns=cgo,netdns=go"],
])("GODEBUG %j becomes %j", (existing, becomes) => {
  expect(goDebugWithOwnResolver(existing)).toBe(becomes);
});
