import { invalidParameter } from "../api-error.ts";
import type { FunctionState } from "./function-version.ts";
import { checkZip } from "./zip-check.ts";

const largest = 262_144_000;

/** Throws Lambda's 400 for code and layers that unzip to more than 250 MB. Source: Lambda's own words, in public reports. */
export function refuseTooLarge({ code, settings }: Pick<FunctionState, "code" | "settings">): void {
  if (settings.layers.length === 0 || code.image !== null) return;
  const size = [code, ...settings.layers].reduce((sum, { zip }) => sum + checkZip(zip), 0);
  if (size <= largest) return;
  throw invalidParameter(
    `Function code combined with layers exceeds the maximum allowed size of ${largest} bytes. The actual size is ${size} bytes.`,
  );
}
