import type { CallContext, Handlers } from "../caller.ts";
import { type Input, needText, numeric, text } from "../input.ts";
import type { IamParts } from "./iam.ts";
import { alreadyExists, invalidInput } from "./iam-errors.ts";
import { principalNamed, type StoredPrincipal } from "./iam-state.ts";
import { readPolicy } from "./policy-document.ts";
import {
  checkedName,
  escapedDocument,
  namedPrincipal,
  pathOf,
  removePrincipal,
  tagList,
  tagsOf,
  whole,
} from "./principals.ts";

function view(role: StoredPrincipal): Record<string, unknown> {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: role.createdAt / 1000,
    AssumeRolePolicyDocument: escapedDocument(role.trust ?? ""),
    ...(role.description === "" ? {} : { Description: role.description }),
    MaxSessionDuration: role.maxSessionSeconds,
    ...tagList(role.tags),
  };
}

function create({ iam, ids }: IamParts, input: Input, { account, now }: CallContext): unknown {
  const name = checkedName(input, "RoleName", 64);
  const path = pathOf(input);
  const trust = needText(input, "AssumeRolePolicyDocument");
  readPolicy(trust, "trust");
  const seconds = numeric(input, "MaxSessionDuration") ?? 3600;
  if (seconds < 3600 || seconds > 43_200) {
    throw invalidInput("The MaxSessionDuration of a role must be between 3600 and 43200 seconds.");
  }
  if (principalNamed(iam, "role", account, name) !== undefined) {
    throw alreadyExists(`Role with name ${name} already exists.`);
  }
  const role: StoredPrincipal = {
    kind: "role",
    account,
    name,
    path,
    arn: `arn:aws:iam::${account}:role${path}${name}`,
    id: `AROA${ids.letters(17)}`,
    createdAt: now,
    inline: new Map(),
    attached: [],
    tags: tagsOf(input),
    trust,
    description: text(input, "Description") ?? "",
    maxSessionSeconds: seconds,
  };
  iam.principals.set(role.arn, role);
  return { Role: view(role) };
}

export function roleHandlers(parts: IamParts): Handlers {
  const { iam } = parts;
  return {
    CreateRole: (input, context) => create(parts, input, context),
    GetRole: (input, context) => ({ Role: view(namedPrincipal(iam, "role", input, context)) }),
    ListRoles: (_input, { account }) =>
      whole(
        "Roles",
        [...iam.principals.values()]
          .filter((one) => one.kind === "role" && one.account === account)
          .map(view),
      ),
    UpdateAssumeRolePolicy: (input, context) => {
      const role = namedPrincipal(iam, "role", input, context);
      const trust = needText(input, "PolicyDocument");
      readPolicy(trust, "trust");
      role.trust = trust;
      return {};
    },
    DeleteRole: (input, context) => {
      removePrincipal(iam, namedPrincipal(iam, "role", input, context));
      return {};
    },
  };
}
