import { ApiError, noResource } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { type Input, needText, text } from "../input.ts";
import type { FunctionStore, StoredFunction } from "./function-store.ts";
import { functionOf } from "./functions.ts";

interface Parts {
  readonly functions: FunctionStore;
  readonly ids: Ids;
}

function principalOf(principal: string): unknown {
  if (principal === "*") return "*";
  if (principal.includes(".")) return { Service: principal };
  return { AWS: /^\d{12}$/.test(principal) ? `arn:aws:iam::${principal}:root` : principal };
}

function statementOf(stored: StoredFunction, input: Input): Record<string, unknown> {
  const source = text(input, "SourceArn");
  const account = text(input, "SourceAccount");
  const condition = {
    ...(account === undefined ? {} : { StringEquals: { "AWS:SourceAccount": account } }),
    ...(source === undefined ? {} : { ArnLike: { "AWS:SourceArn": source } }),
  };
  return {
    Sid: needText(input, "StatementId"),
    Effect: "Allow",
    Principal: principalOf(needText(input, "Principal")),
    Action: needText(input, "Action"),
    Resource: stored.arn,
    ...(Object.keys(condition).length === 0 ? {} : { Condition: condition }),
  };
}

function add(parts: Parts, input: Input, context: CallContext): unknown {
  const stored = functionOf(parts, input, context);
  const statement = statementOf(stored, input);
  const id = String(statement["Sid"]);
  if (stored.policy.has(id)) {
    throw new ApiError(
      409,
      "ResourceConflictException",
      `The statement id (${id}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
    );
  }
  stored.policy.set(id, statement);
  return { Statement: JSON.stringify(statement) };
}

/** The resource policy of a function: who may trigger it. */
export function policyHandlers(parts: Parts): Handlers {
  return {
    AddPermission: (input, context) => add(parts, input, context),
    RemovePermission: (input, context) => {
      const stored = functionOf(parts, input, context);
      const id = needText(input, "StatementId");
      if (!stored.policy.delete(id)) {
        throw new ApiError(
          404,
          "ResourceNotFoundException",
          `Statement ${id} is not found in resource policy.`,
        );
      }
      return {};
    },
    GetPolicy: (input, context) => {
      const stored = functionOf(parts, input, context);
      if (stored.policy.size === 0) throw noResource();
      const policy = { Version: "2012-10-17", Id: "default", Statement: [...stored.policy.values()] };
      return { Policy: JSON.stringify(policy), RevisionId: stored.revisionId };
    },
  };
}
