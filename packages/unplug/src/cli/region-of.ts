import { knownRegions } from "../contract/regions.ts";
import { commonTunables } from "../contract/tunables.ts";
import { didYouMean } from "../load/nearest.ts";
import type { Shell } from "./shell.ts";
import { UsageError } from "./usage-error.ts";

/** The region of a command that has no experiment: given, or of the environment. Throws UsageError. */
export function regionOf(given: string | undefined, command: string, { env, stderr }: Shell): string {
  const region = [given, env["REGION"], env["AWS_REGION"], env["AWS_DEFAULT_REGION"]].find(Boolean);
  if (region === undefined)
    throw new UsageError(`${command}: expected the function's region: add --region, or set AWS_REGION.`);
  const valid = commonTunables.REGION.safeParse(region);
  if (!valid.success) {
    const rules = valid.error.issues.map(({ message }) => message).join(", ");
    throw new UsageError(`${command}: the region ${rules}, not "${region}".`);
  }
  if (!knownRegions.includes(region)) {
    stderr.write(
      `The region ${region} is none that this Unplug knows${didYouMean(region, knownRegions)}; it is taken as it is.\n`,
    );
  }
  return region;
}
