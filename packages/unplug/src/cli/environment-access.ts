import { type Access, environmentAccess } from "../contract/access.ts";
import { commonTunables } from "../contract/tunables.ts";
import type { Shell } from "./shell.ts";
import { UsageError } from "./usage-error.ts";

/** The access of a command that has no experiment: the environment, as the tunables of these names are read. Throws UsageError. */
export function accessOfEnvironment(region: string, command: string, { env }: Pick<Shell, "env">): Access {
  const read = (name: "AWS_AUTHENTICATION_SECRET" | "ASSUME_ROLE_ARN") => {
    const valid = commonTunables[name].safeParse(env[name] ?? "");
    if (valid.success) return valid.data;
    const rules = valid.error.issues.map(({ message }) => message).join(", ");
    throw new UsageError(`${command}: ${name} of the environment ${rules}.`);
  };
  return {
    ...environmentAccess(region),
    profile: env["AWS_PROFILE"] ?? "",
    secret: read("AWS_AUTHENTICATION_SECRET"),
    assumeRoleArn: read("ASSUME_ROLE_ARN"),
    externalId: env["ASSUME_ROLE_EXTERNAL_ID"] ?? "",
  };
}
