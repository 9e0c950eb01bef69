import { type Architecture, architectureOf } from "@unplug/interceptor";
import { UsageError } from "../usage-error.ts";

/** The architecture of this machine, in the words of Node.js; throws a UsageError where there is no interceptor. */
export function supportedArchitecture(platform: string, arch: string): Architecture {
  const architecture = platform === "linux" ? architectureOf(arch) : null;
  if (architecture !== null) return architecture;
  throw new UsageError(
    `unplug exec needs Linux on x86_64 or arm64, since it works through LD_PRELOAD; this is ${platform} on ${arch}.`,
  );
}
