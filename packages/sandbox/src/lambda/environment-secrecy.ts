import { ApiError, invalidParameter } from "../api-error.ts";
import type { CallContext, Handler, Handlers } from "../caller.ts";
import { isRecord } from "../input.ts";
import type { FunctionImage } from "../runtime-port.ts";
import { isNamed, type SwitchSettings } from "../switches.ts";

/** The switches, as far as they concern keys. */
export interface Secrecy {
  readonly switches: { get(): SwitchSettings };
}

function denied(identityArn: string, action: string): string {
  return `KMS Exception: AccessDeniedException KMS Message: User: ${identityArn} is not authorized to perform: ${action} on the resource associated with this ciphertext because no identity-based policy allows the ${action} action`;
}

/** An answer of Lambda in which environments that the caller may not decrypt are errors. */
function concealed(answer: unknown, settings: SwitchSettings, context: CallContext): unknown {
  if (Array.isArray(answer)) return answer.map((each: unknown) => concealed(each, settings, context));
  if (!isRecord(answer)) return answer;
  const name = answer["FunctionName"];
  if (typeof name === "string" && isNamed(settings.unreadableEnvironments, name) && "Environment" in answer) {
    const Message = `Lambda was unable to decrypt your environment variables because the KMS access was denied. Please check your KMS permissions. ${denied(context.identityArn, "kms:Decrypt")}`;
    return { ...answer, Environment: { Error: { ErrorCode: "AccessDeniedException", Message } } };
  }
  const inner = ["Configuration", "Functions", "Versions"].filter((member) => member in answer);
  if (inner.length === 0) return answer;
  return {
    ...answer,
    ...Object.fromEntries(inner.map((member) => [member, concealed(answer[member], settings, context)])),
  };
}

/** The same operations, which keep what the caller may not decrypt to themselves. */
export function concealing({ switches }: Secrecy, handlers: Handlers): Handlers {
  const wrapped = ([name, handler]: [string, Handler]): [string, Handler] => [
    name,
    async (input, context) => {
      const answer = await handler(input, context);
      const settings = switches.get();
      return settings.unreadableEnvironments.length === 0 ? answer : concealed(answer, settings, context);
    },
  ];
  return Object.fromEntries(Object.entries(handlers).map(wrapped));
}

/** Throws Lambda's 400 for an environment that is given by a caller who may not use the key. */
export function refuseUnencryptable(
  { switches }: Secrecy,
  name: string,
  isGiven: boolean,
  { identityArn }: CallContext,
): void {
  if (!isGiven || !isNamed(switches.get().unreadableEnvironments, name)) return;
  throw invalidParameter(
    `Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant. Please check your KMS key settings. ${denied(identityArn, "kms:CreateGrant")}`,
  );
}

/** Throws Lambda's 502 for an invocation of a function that may not decrypt its own environment. */
export function refuseUndecryptable({ switches }: Secrecy, image: FunctionImage): void {
  const { functionName, environment } = image;
  if (Object.keys(environment).length === 0) return;
  if (!isNamed(switches.get().undecryptableEnvironments, functionName)) return;
  throw new ApiError(
    502,
    "KMSAccessDeniedException",
    "Lambda was unable to decrypt the environment variables because KMS access was denied. Please check the function's KMS key settings. KMS Exception: AccessDeniedException KMS Message: The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
  );
}
