/** What policies hang on: a user, a role or a group. */
export interface PolicyHolder {
  readonly kind: "user" | "role" | "group";
  readonly account: string;
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  /** AIDA…, AROA… or AGPA…: another one when something of the same name is made again. */
  readonly id: string;
  /** ms */
  readonly createdAt: number;
  /** Documents of inline policies by name. */
  readonly inline: Map<string, string>;
  /** ARNs of the managed policies that are attached, in order. */
  attached: string[];
}

/** A user or a role with everything that IAM keeps of it. */
export interface StoredPrincipal extends PolicyHolder {
  readonly kind: "user" | "role";
  readonly tags: Map<string, string>;
  /** ARN of the managed policy beyond which none of its own permits anything; null: there is none. */
  boundary: string | null;
  /** Who may assume it; null for a user. */
  trust: string | null;
  description: string;
  /** Of its sessions, in seconds; for roles. */
  maxSessionSeconds: number;
}

export interface StoredGroup extends PolicyHolder {
  readonly kind: "group";
  /** ARNs of its users, in order. */
  members: string[];
}

export interface StoredPolicy {
  readonly account: string;
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly id: string;
  readonly createdAt: number;
  readonly description: string;
  readonly document: string;
}

/** A key of a user; one that was deleted is remembered without its secret, so that it is not taken for a stranger's. */
export interface StoredAccessKey {
  readonly id: string;
  readonly userArn: string;
  /** Null: deleted. */
  readonly secret: string | null;
  readonly createdAt: number;
  status: "Active" | "Inactive";
}

export interface StoredProvider {
  readonly arn: string;
  readonly account: string;
  /** With its scheme and without a slash at the end. */
  readonly url: string;
  readonly createdAt: number;
  clientIds: string[];
  thumbprints: string[];
}

/** What IAM keeps; a part of the state of the cloud. */
export interface IamState {
  /** By ARN, as the rest but the keys. */
  readonly principals: Map<string, StoredPrincipal>;
  readonly groups: Map<string, StoredGroup>;
  readonly managedPolicies: Map<string, StoredPolicy>;
  readonly accessKeys: Map<string, StoredAccessKey>;
  readonly oidcProviders: Map<string, StoredProvider>;
}

/** Of an account by its name, in any path; names are compared without regard to case. */
function named<T extends PolicyHolder>(all: Iterable<T>, kind: T["kind"], account: string, name: string) {
  const lower = name.toLowerCase();
  return [...all].find(
    (one) => one.kind === kind && one.account === account && one.name.toLowerCase() === lower,
  );
}

export function principalNamed(
  { principals }: IamState,
  kind: StoredPrincipal["kind"],
  account: string,
  name: string,
): StoredPrincipal | undefined {
  return named(principals.values(), kind, account, name);
}

export function groupNamed({ groups }: IamState, account: string, name: string): StoredGroup | undefined {
  return named(groups.values(), "group", account, name);
}

export function holderNamed(
  state: IamState,
  kind: PolicyHolder["kind"],
  account: string,
  name: string,
): PolicyHolder | undefined {
  return kind === "group" ? groupNamed(state, account, name) : principalNamed(state, kind, account, name);
}

/** All users and roles, and all groups. */
export function holders({ principals, groups }: IamState): readonly PolicyHolder[] {
  return [...principals.values(), ...groups.values()];
}

/** The groups that a user is in. */
export function groupsOf({ groups }: IamState, userArn: string): readonly StoredGroup[] {
  return [...groups.values()].filter(({ members }) => members.includes(userArn));
}
