import type { CallContext } from "../caller.ts";
import type { Input } from "../input.ts";
import type { Need } from "./decide.ts";
import { holderNamed, type IamState } from "./iam-state.ts";

interface Named {
  /** Of what is there, or as it would be made. */
  readonly arn: string;
  /** Its permissions boundary. */
  readonly boundary: string | null;
}

/** What a name stands for; a call that names a group and a user changes the group. */
function namedIn(input: Input, { account }: CallContext, state: IamState): Named | undefined {
  const { GroupName: group, UserName: user, RoleName: role, Path: path } = input;
  for (const [kind, name] of [
    ["group", group],
    ["user", user],
    ["role", role],
  ] as const) {
    if (typeof name !== "string") continue;
    const arn =
      holderNamed(state, kind, account, name)?.arn ??
      `arn:aws:iam::${account}:${kind}${typeof path === "string" ? path : "/"}${name}`;
    return { arn, boundary: state.principals.get(arn)?.boundary ?? null };
  }
  return undefined;
}

/** Source: Service Authorization Reference, IAM: the boundary that a request sets, else the one that is set. */
function keysOf(input: Input, named: Named): Readonly<Record<string, string>> {
  const { PolicyArn: attached, PermissionsBoundary: asked } = input;
  const boundary = typeof asked === "string" ? asked : named.boundary;
  return {
    ...(typeof attached === "string" ? { "iam:PolicyARN": attached } : {}),
    ...(boundary === null ? {} : { "iam:PermissionsBoundary": boundary }),
  };
}

/** What a call of IAM needs: the permission on the user, role, group, policy or provider that it names. */
export function iamNeeds(
  operation: string,
  input: Input,
  context: CallContext,
  state: IamState,
): readonly Need[] {
  const action = `iam:${operation}`;
  const { account, identity } = context;
  const named = namedIn(input, context, state);
  if (named !== undefined) return [{ action, resource: named.arn, keys: keysOf(input, named) }];
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
