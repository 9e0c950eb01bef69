/** A user or a role with everything that IAM keeps of it. */
export interface StoredPrincipal {
  readonly kind: "user" | "role";
  readonly account: string;
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  /** AIDA… or AROA…: another one when a principal of the same name is made again. */
  readonly id: string;
  /** ms */
  readonly createdAt: number;
  /** Documents of inline policies by name. */
  readonly inline: Map<string, string>;
  /** ARNs of the managed policies that are attached, in order. */
  attached: string[];
  readonly tags: Map<string, string>;
  /** Who may assume it; null for a user. */
  trust: string | null;
  description: string;
  /** Of its sessions, in seconds; for roles. */
  maxSessionSeconds: number;
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
  readonly managedPolicies: Map<string, StoredPolicy>;
  readonly accessKeys: Map<string, StoredAccessKey>;
  readonly oidcProviders: Map<string, StoredProvider>;
}

/** The user or role of an account by its name, in any path; names are compared without regard to case. */
export function principalNamed(
  { principals }: IamState,
  kind: StoredPrincipal["kind"],
  account: string,
  name: string,
): StoredPrincipal | undefined {
  const lower = name.toLowerCase();
  return [...principals.values()].find(
    (one) => one.kind === kind && one.account === account && one.name.toLowerCase() === lower,
  );
}
