import type { VirtualCloud } from "../cloud-for-test.ts";
import { isRecord } from "../input.ts";

/** A policy with one statement. */
export function allow(
  actions: string | readonly string[],
  resources: string | readonly string[] = "*",
  more: Readonly<Record<string, unknown>> = {},
): string {
  const statement = { Effect: "Allow", Action: actions, Resource: resources, ...more };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

/** A trust policy with one statement. */
export function trusting(
  principal: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): string {
  const statement = { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", ...more };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

type Call = (action: string, input?: Record<string, unknown>) => Promise<Record<string, unknown>>;

/** Calls with an access key, in process. */
export function callerWith(virtual: VirtualCloud, accessKey: string): Call {
  return async (action, input = {}) => {
    const answer = await virtual.cloud.call(action, input, { region: "us-east-1", accessKey });
    return isRecord(answer) ? answer : {};
  };
}

/** A member of a member, as text. */
export function inner(answer: Record<string, unknown>, outer: string, member: string): string {
  const found = answer[outer];
  return isRecord(found) ? String(found[member]) : "";
}

/** A user with one policy, and calls with its key. */
export async function userWith(virtual: VirtualCloud, name: string, policy: string): Promise<Call> {
  await virtual.call("iam:CreateUser", { UserName: name });
  await virtual.call("iam:PutUserPolicy", { UserName: name, PolicyName: "own", PolicyDocument: policy });
  const made = await virtual.call("iam:CreateAccessKey", { UserName: name });
  return callerWith(virtual, inner(made, "AccessKey", "AccessKeyId"));
}
