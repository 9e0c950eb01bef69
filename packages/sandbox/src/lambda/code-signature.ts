import { ApiError } from "../api-error.ts";
import type { CodeSigningStore } from "./code-signing-store.ts";

/**
 * Throws Lambda's 400 for code or layers of a function whose configuration enforces signatures: nobody can sign anything
 * here. Source: Lambda's own words, in public reports.
 */
export function refuseUnsigned(codeSigning: CodeSigningStore, configArn: string | null, name: string): void {
  if (configArn === null || codeSigning.find(configArn)?.untrusted !== "Enforce") return;
  throw new ApiError(
    400,
    "CodeVerificationFailedException",
    `Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is not configured to accept. Check the provided signature for ${name}.`,
  );
}
