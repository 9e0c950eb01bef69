import type { CallContext } from "../caller.ts";
import type { Input } from "../input.ts";
import type { Need } from "./decide.ts";
import { type IamState, principalNamed } from "./iam-state.ts";

/** The ARN that a name stands for: of what is there, or as it would be made. */
function named(
  kind: "user" | "role",
  input: Input,
  { account }: CallContext,
  state: IamState,
): string | undefined {
  const { UserName: user, RoleName: role, Path: path } = input;
  const name = kind === "user" ? user : role;
  if (typeof name !== "string") return undefined;
  const found = principalNamed(state, kind, account, name);
  return found?.arn ?? `arn:aws:iam::${account}:${kind}${typeof path === "string" ? path : "/"}${name}`;
}

/** What a call of IAM needs: the permission on the user, role, policy or provider that it names. */
export function iamNeeds(
  operation: string,
  input: Input,
  context: CallContext,
  state: IamState,
): readonly Need[] {
  const action = `iam:${operation}`;
  const { account, identity } = context;
  const attached = input["PolicyArn"];
  const keys = typeof attached === "string" ? { "iam:PolicyARN": attached } : {};
  const principal = named("user", input, context, state) ?? named("role", input, context, state);
  if (principal !== undefined) return [{ action, resource: principal, keys }];
  for (const member of ["PolicyArn", "OpenIDConnectProviderArn", "PolicySourceArn"]) {
    const arn = input[member];
    if (typeof arn === "string") return [{ action, resource: arn }];
  }
  const { PolicyName: policy, Url: url } = input;
  if (typeof policy === "string") return [{ action, resource: `arn:aws:iam::${account}:policy/${policy}` }];
  if (typeof url === "string") {
    const host = url.replace(/^https?:\/\//, "");
    return [{ action, resource: `arn:aws:iam::${account}:oidc-provider/${host}` }];
  }
  // Whoever names nobody means himself.
  if (/AccessKey|GetUser/.test(operation)) return [{ action, resource: identity.arn }];
  return [{ action, resource: "*" }];
}
