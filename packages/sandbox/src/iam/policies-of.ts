import { groupsOf, type IamState, type PolicyHolder, type StoredPrincipal } from "./iam-state.ts";
import { readPolicy, type Statement } from "./policy-document.ts";

export interface NamedStatement {
  /** The policy that it stands in, as the policy simulator names it. */
  readonly source: string;
  readonly statement: Statement;
}

/** What a user, role or group is permitted as of now; a user also by its groups. */
export function identityStatements(state: IamState, holder: PolicyHolder): readonly NamedStatement[] {
  return [holder, ...groupsOf(state, holder.arn)].flatMap(({ kind, name, inline, attached }) => [
    ...[...inline].flatMap(([policy, document]) => statementsOf(`${kind}_${name}_${policy}`, document)),
    ...attached.flatMap((arn) => managed(state, arn)),
  ]);
}

/** Beyond which nothing permits a user or role anything; null: there is no boundary. */
export function boundaryStatements(
  state: IamState,
  { boundary }: StoredPrincipal,
): readonly NamedStatement[] | null {
  return boundary === null ? null : managed(state, boundary);
}

function managed({ managedPolicies }: IamState, arn: string): readonly NamedStatement[] {
  const policy = managedPolicies.get(arn);
  return policy === undefined ? [] : statementsOf(policy.name, policy.document);
}

export function plain(statements: readonly NamedStatement[]): readonly Statement[] {
  return statements.map(({ statement }) => statement);
}

export function statementsOf(source: string, document: string): readonly NamedStatement[] {
  return readPolicy(document, "identity").map((statement) => ({ source, statement }));
}
