import { readFileSync } from "node:fs";

/** Put in by the bundle; a checkout reads its package.json. */
declare const UNPLUG_VERSION: string | undefined;

export function version(): string {
  if (typeof UNPLUG_VERSION === "string") return UNPLUG_VERSION;
  const found: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  if (typeof found === "object" && found !== null && "version" in found) return String(found.version);
  throw new Error("package.json says no version");
}
