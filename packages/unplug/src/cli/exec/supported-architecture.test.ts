import { expect, test } from "vitest";
import { supportedArchitecture } from "./supported-architecture.ts";

test("knows the two architectures of Linux", () => {
  expect(supportedArchitecture("linux", "x64")).toBe("x86_64");
  expect(supportedArchitecture("linux", "arm64")).toBe("arm64");
});

test.each([
  ["darwin", "arm64"],
  ["linux", "riscv64"],
])("says in one line that %s on %s will not do", (platform, arch) => {
  expect(() => supportedArchitecture(platform, arch)).toThrow(
    `unplug exec needs Linux on x86_64 or arm64, since it works through LD_PRELOAD; this is ${platform} on ${arch}.`,
  );
});
