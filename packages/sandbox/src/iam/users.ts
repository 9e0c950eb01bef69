import type { CallContext, Handlers } from "../caller.ts";
import type { Input } from "../input.ts";
import type { IamParts } from "./iam.ts";
import { alreadyExists } from "./iam-errors.ts";
import { principalNamed, type StoredPrincipal } from "./iam-state.ts";
import {
  checkedName,
  namedPrincipal,
  pathOf,
  removePrincipal,
  tagList,
  tagsOf,
  whole,
} from "./principals.ts";

function view(user: StoredPrincipal, withTags: boolean): Record<string, unknown> {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: user.arn,
    CreateDate: user.createdAt / 1000,
    ...(withTags ? tagList(user.tags) : {}),
  };
}

function create({ iam, ids }: IamParts, input: Input, { account, now }: CallContext): unknown {
  const name = checkedName(input, "UserName", 64);
  const path = pathOf(input);
  if (principalNamed(iam, "user", account, name) !== undefined) {
    throw alreadyExists(`User with name ${name} already exists.`);
  }
  const user: StoredPrincipal = {
    kind: "user",
    account,
    name,
    path,
    arn: `arn:aws:iam::${account}:user${path}${name}`,
    id: `AIDA${ids.letters(17)}`,
    createdAt: now,
    inline: new Map(),
    attached: [],
    tags: tagsOf(input),
    trust: null,
    description: "",
    maxSessionSeconds: 0,
  };
  iam.principals.set(user.arn, user);
  return { User: view(user, true) };
}

export function userHandlers(parts: IamParts): Handlers {
  const { iam } = parts;
  return {
    CreateUser: (input, context) => create(parts, input, context),
    GetUser: (input, context) => ({ User: view(namedPrincipal(iam, "user", input, context), true) }),
    ListUsers: (_input, { account }) =>
      whole(
        "Users",
        [...iam.principals.values()]
          .filter((one) => one.kind === "user" && one.account === account)
          .map((user) => view(user, false)),
      ),
    DeleteUser: (input, context) => {
      removePrincipal(iam, namedPrincipal(iam, "user", input, context));
      return {};
    },
  };
}
