import type { CallContext } from "../caller.ts";
import type { Input } from "../input.ts";
import type { IamParts } from "./iam.ts";
import { alreadyExists } from "./iam-errors.ts";
import { holderNamed, type PolicyHolder } from "./iam-state.ts";
import { nameOf, pathOf, titles } from "./principals.ts";

/** Source: IAM user guide, "IAM identifiers", unique ID prefixes. */
const prefixes = { user: "AIDA", role: "AROA", group: "AGPA" } as const;

/** What every new user, role and group begins with; throws EntityAlreadyExists. */
export function newHolder<K extends PolicyHolder["kind"]>(
  { iam, ids }: IamParts,
  kind: K,
  input: Input,
  { account, now }: CallContext,
): PolicyHolder & { readonly kind: K } {
  const name = nameOf(kind, input);
  const path = pathOf(input);
  if (holderNamed(iam, kind, account, name) !== undefined) {
    throw alreadyExists(`${titles[kind]} with name ${name} already exists.`);
  }
  return {
    kind,
    account,
    name,
    path,
    arn: `arn:aws:iam::${account}:${kind}${path}${name}`,
    id: `${prefixes[kind]}${ids.letters(17)}`,
    createdAt: now,
    inline: new Map(),
    attached: [],
  };
}

/** What IAM shows of every user, role and group. */
export function holderView({ kind, path, name, id, arn, createdAt }: PolicyHolder): Record<string, unknown> {
  return {
    Path: path,
    [`${titles[kind]}Name`]: name,
    [`${titles[kind]}Id`]: id,
    Arn: arn,
    CreateDate: createdAt / 1000,
  };
}

/** Those of a kind that an account has. */
export function ofAccount<T extends PolicyHolder>(
  all: ReadonlyMap<string, T>,
  kind: T["kind"],
  { account }: CallContext,
): readonly T[] {
  return [...all.values()].filter((one) => one.kind === kind && one.account === account);
}
