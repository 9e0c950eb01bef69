import { iamName } from "../../contract/actions.ts";
import { AwsError } from "../../contract/aws.ts";
import type { Finding } from "./diagnosis.ts";

/** What was found, or that it could not be looked at, and why. */
export async function looked(
  what: string,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const denied = error.code.startsWith("AccessDenied");
    const permission = iamName({ action: error.action });
    const text = denied
      ? `${what}: not looked at, since the caller may not ${permission}`
      : `${what}: not looked at, since ${error.action} failed (${error.code}: ${error.message})`;
    const mend = denied ? { mend: `Permit ${permission} on *, and look again` } : {};
    return [{ subject: "account", state: "unknown", text, ...mend }];
  }
}
