import { ApiError, invalidParameter, type ModelFailure, noResource } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { flag, type Input, needText, text } from "../input.ts";
import { enumFailures, lengthFailures, patternFailures } from "./constraints.ts";
import { checkRevision } from "./function-changes.ts";
import { type NamedFunction, namedFunction, noSuchQualifier } from "./function-reference.ts";
import { type FunctionStore, type StoredFunction, versionNamed } from "./function-store.ts";

/** Who may use a function, a version or an alias. */
export interface ResourcePolicy {
  /** By statement id. */
  readonly statements: Map<string, Readonly<Record<string, unknown>>>;
  revisionId: string;
}

interface Parts {
  readonly functions: FunctionStore;
  readonly ids: Ids;
}

/** Throws 400 for what is no account, ARN, service or everybody. Source: recorded answers of Lambda. */
function principalOf(principal: string): unknown {
  if (principal === "*") return "*";
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  if (/^arn:aws[a-zA-Z-]*:(iam|sts)::\d{12}:/.test(principal)) return { AWS: principal };
  if (/\.(amazonaws\.com(\.cn)?|amazon\.com)$/.test(principal)) return { Service: principal };
  throw invalidParameter("The provided principal was invalid. Please check the principal and try again.");
}

function conditionOf(input: Input): Record<string, unknown> {
  const equals: Record<string, string> = {};
  const keys = {
    SourceAccount: "AWS:SourceAccount",
    FunctionUrlAuthType: "lambda:FunctionUrlAuthType",
    PrincipalOrgID: "aws:PrincipalOrgID",
    EventSourceToken: "lambda:EventSourceToken",
  };
  for (const [member, key] of Object.entries(keys)) {
    const value = text(input, member);
    if (value !== undefined) equals[key] = value;
  }
  const source = text(input, "SourceArn");
  const viaUrl = flag(input, "InvokedViaFunctionUrl");
  return {
    ...(Object.keys(equals).length === 0 ? {} : { StringEquals: equals }),
    ...(viaUrl === undefined ? {} : { Bool: { "lambda:InvokedViaFunctionUrl": String(viaUrl) } }),
    ...(source === undefined ? {} : { ArnLike: { "AWS:SourceArn": source } }),
  };
}

function statementOf(named: NamedFunction, input: Input): Record<string, unknown> {
  const condition = conditionOf(input);
  return {
    Sid: needText(input, "StatementId"),
    Effect: "Allow",
    Principal: principalOf(needText(input, "Principal")),
    Action: needText(input, "Action"),
    Resource: named.qualifiedArn,
    ...(Object.keys(condition).length === 0 ? {} : { Condition: condition }),
  };
}

function permissionFailures(input: Input): readonly ModelFailure[] {
  return [
    ...patternFailures(input, "StatementId", "([a-zA-Z0-9-_]+)"),
    ...lengthFailures(input, "StatementId", 100),
    ...patternFailures(input, "Action", "(lambda:[*]|lambda:[a-zA-Z]+|[*])"),
    ...patternFailures(input, "Principal", "[^\\s]+"),
    ...enumFailures(input, "FunctionUrlAuthType", ["NONE", "AWS_IAM"]),
  ];
}

function refuseLatest({ qualifier }: NamedFunction): void {
  if (qualifier !== "$LATEST") return;
  throw invalidParameter("We currently do not support adding policies for $LATEST.");
}

/** What a RevisionId is compared with while there is no policy yet. */
function revisionWithout(stored: StoredFunction, qualifier: string | null): string {
  const alias = qualifier === null ? undefined : stored.aliases.get(qualifier);
  return alias?.revisionId ?? versionNamed(stored, qualifier)?.revisionId ?? "";
}

const largestPolicy = 20_480;

function documentOf(statements: ResourcePolicy["statements"]): string {
  return JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: [...statements.values()] });
}

function add(parts: Parts, input: Input, context: CallContext): unknown {
  const named = namedFunction(input, context, "wide", permissionFailures(input));
  refuseLatest(named);
  const statement = statementOf(named, input);
  const stored = parts.functions.find(context, named.name);
  if (stored === undefined || versionNamed(stored, named.qualifier) === undefined) {
    throw noSuchQualifier(named, context);
  }
  const key = named.qualifier ?? "";
  const policy = stored.policies.get(key);
  checkRevision(policy?.revisionId ?? revisionWithout(stored, named.qualifier), input, "GetPolicy");
  const id = String(statement["Sid"]);
  if (policy?.statements.has(id) === true) {
    throw new ApiError(
      409,
      "ResourceConflictException",
      `The statement id (${id}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
    );
  }
  const statements = new Map([...(policy?.statements ?? []), [id, statement]]);
  const size = Buffer.byteLength(documentOf(statements));
  if (size > largestPolicy) {
    throw new ApiError(
      400,
      "PolicyLengthExceededException",
      `The final policy size (${size}) is bigger than the limit (${largestPolicy}).`,
    );
  }
  stored.policies.set(key, { statements, revisionId: parts.ids.uuid() });
  return { Statement: JSON.stringify(statement) };
}

function notFound(message: string): ApiError {
  return new ApiError(404, "ResourceNotFoundException", message);
}

function remove(parts: Parts, input: Input, context: CallContext): unknown {
  const named = namedFunction(input, context);
  const stored = parts.functions.find(context, named.name);
  if (stored === undefined) throw notFound(`No policy found for: ${named.qualifiedArn}`);
  if (versionNamed(stored, named.qualifier) === undefined) throw noSuchQualifier(named, context);
  const key = named.qualifier ?? "";
  const policy = stored.policies.get(key);
  if (policy === undefined) throw notFound("No policy is associated with the given resource.");
  const id = needText(input, "StatementId");
  if (!policy.statements.has(id)) throw notFound(`Statement ${id} is not found in resource policy.`);
  checkRevision(policy.revisionId, input, "GetPolicy");
  policy.statements.delete(id);
  policy.revisionId = parts.ids.uuid();
  if (policy.statements.size === 0) stored.policies.delete(key);
  return {};
}

function get(parts: Parts, input: Input, context: CallContext): unknown {
  const { name, qualifier } = namedFunction(input, context);
  const policy = parts.functions.find(context, name)?.policies.get(qualifier ?? "");
  if (policy === undefined) throw noResource();
  return { Policy: documentOf(policy.statements), RevisionId: policy.revisionId };
}

/** The resource policies of functions, versions and aliases: who may trigger them. */
export function policyHandlers(parts: Parts): Handlers {
  return {
    AddPermission: (input, context) => add(parts, input, context),
    RemovePermission: (input, context) => remove(parts, input, context),
    GetPolicy: (input, context) => get(parts, input, context),
  };
}
