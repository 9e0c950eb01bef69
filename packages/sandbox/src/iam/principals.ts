import { validationError } from "../api-error.ts";
import type { CallContext } from "../caller.ts";
import { type Input, records, text } from "../input.ts";
import { deleteConflict, invalidInput, noSuchEntity } from "./iam-errors.ts";
import {
  groupNamed,
  groupsOf,
  type IamState,
  type PolicyHolder,
  principalNamed,
  type StoredGroup,
  type StoredPrincipal,
} from "./iam-state.ts";

/** How each is called within the names of operations and members. */
export const titles = { user: "User", role: "Role", group: "Group" } as const;
const longest = { user: 64, role: 64, group: 128 } as const;

/** A name that the model of IAM takes; throws ValidationError. */
export function checkedName(input: Input, member: string, most: number): string {
  const value = text(input, member);
  const wire = member.charAt(0).toLowerCase() + member.slice(1);
  if (value === undefined || value === "") {
    throw invalidInput(validationError(null, wire, "Member must not be null").message);
  }
  if (!/^[\w+=,.@-]+$/.test(value)) {
    throw invalidInput(
      `The specified value for ${wire} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
    );
  }
  if (value.length > most) {
    const constraint = `Member must have length less than or equal to ${most}`;
    throw invalidInput(validationError(value, wire, constraint).message);
  }
  return value;
}

/** The path of a new thing: "/" unless one is given. */
export function pathOf(input: Input): string {
  const path = text(input, "Path") ?? "/";
  if (/^\/([\x21-\x7e]+\/)?$/.test(path)) return path;
  throw invalidInput(
    "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
  );
}

export function tagsOf(input: Input): Map<string, string> {
  return new Map(
    (records(input, "Tags") ?? []).map((tag) => [text(tag, "Key") ?? "", text(tag, "Value") ?? ""]),
  );
}

export function tagList(tags: ReadonlyMap<string, string>): object {
  return tags.size === 0 ? {} : { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) };
}

/** The user or role that an input names; throws NoSuchEntity. A user that is not named is the caller. */
export function namedPrincipal(
  state: IamState,
  kind: StoredPrincipal["kind"],
  input: Input,
  { account, identity }: CallContext,
): StoredPrincipal {
  const isOwn = kind === "user" && text(input, "UserName") === undefined;
  const own = isOwn ? state.principals.get(identity.principal ?? "") : undefined;
  if (own?.kind === "user") return own;
  const name = nameOf(kind, input);
  return foundBy(principalNamed(state, kind, account, name), kind, name);
}

/** The group that an input names; throws NoSuchEntity. */
export function namedGroup(state: IamState, input: Input, { account }: CallContext): StoredGroup {
  const name = nameOf("group", input);
  return foundBy(groupNamed(state, account, name), "group", name);
}

/** As `namedPrincipal`, or `namedGroup`. */
export function namedHolder(
  state: IamState,
  kind: PolicyHolder["kind"],
  input: Input,
  context: CallContext,
): PolicyHolder {
  return kind === "group" ? namedGroup(state, input, context) : namedPrincipal(state, kind, input, context);
}

/** The name that an input gives to a user, role or group. */
export function nameOf(kind: PolicyHolder["kind"], input: Input): string {
  return checkedName(input, `${titles[kind]}Name`, longest[kind]);
}

function foundBy<T extends PolicyHolder>(found: T | undefined, kind: T["kind"], name: string): T {
  if (found !== undefined) return found;
  throw noSuchEntity(`The ${kind} with name ${name} cannot be found.`);
}

/** Throws DeleteConflict while policies hang on it. */
export function refuseWithPolicies({ attached, inline }: PolicyHolder): void {
  if (attached.length > 0) throw deleteConflict("Cannot delete entity, must detach all policies first.");
  if (inline.size > 0) throw deleteConflict("Cannot delete entity, must delete policies first.");
}

/** Removes a user or role; throws DeleteConflict while something hangs on it. */
export function removePrincipal(state: IamState, principal: StoredPrincipal): void {
  refuseWithPolicies(principal);
  if (groupsOf(state, principal.arn).length > 0) {
    throw deleteConflict("Cannot delete entity, must remove users from group first.");
  }
  const keys = [...state.accessKeys.values()].filter(({ userArn }) => userArn === principal.arn);
  if (keys.some(({ secret }) => secret !== null)) {
    throw deleteConflict("Cannot delete entity, must delete access keys first.");
  }
  state.principals.delete(principal.arn);
}

/** The documents of IAM are written with URL escapes. Source: API reference of IAM, GetUserPolicy. */
export function escapedDocument(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A list that is never cut. */
export function whole(member: string, items: readonly unknown[]): Record<string, unknown> {
  return { [member]: items, IsTruncated: false };
}
