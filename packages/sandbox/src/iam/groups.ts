import type { CallContext, Handlers } from "../caller.ts";
import type { Input } from "../input.ts";
import type { IamParts } from "./iam.ts";
import { deleteConflict, limitExceeded } from "./iam-errors.ts";
import { groupsOf, type StoredGroup } from "./iam-state.ts";
import { holderView, newHolder, ofAccount } from "./new-holder.ts";
import { namedGroup, namedPrincipal, refuseWithPolicies, whole } from "./principals.ts";

/** Source: IAM and STS quotas. */
const mostGroups = 10;

function create(parts: IamParts, input: Input, context: CallContext): unknown {
  const group: StoredGroup = { ...newHolder(parts, "group", input, context), members: [] };
  parts.iam.groups.set(group.arn, group);
  return { Group: holderView(group) };
}

function add({ iam }: IamParts, input: Input, context: CallContext): unknown {
  const group = namedGroup(iam, input, context);
  const { arn } = namedPrincipal(iam, "user", input, context);
  if (group.members.includes(arn)) return {};
  if (groupsOf(iam, arn).length >= mostGroups) {
    throw limitExceeded(`Cannot exceed quota for GroupsPerUser: ${mostGroups}`);
  }
  group.members = [...group.members, arn];
  return {};
}

function remove({ iam }: IamParts, input: Input, context: CallContext): unknown {
  const group = namedGroup(iam, input, context);
  if (group.members.length > 0) {
    throw deleteConflict("Cannot delete entity, must remove users from group first.");
  }
  refuseWithPolicies(group);
  iam.groups.delete(group.arn);
  return {};
}

/** Users by groups, whose policies hold for all of them. Who is in one is added, and who is not is taken out, without an error. */
export function groupHandlers(parts: IamParts): Handlers {
  const { iam } = parts;
  return {
    CreateGroup: (input, context) => create(parts, input, context),
    GetGroup: (input, context) => {
      const group = namedGroup(iam, input, context);
      const users = group.members.flatMap((arn) => iam.principals.get(arn) ?? []);
      return { Group: holderView(group), ...whole("Users", users.map(holderView)) };
    },
    ListGroups: (_input, context) => whole("Groups", ofAccount(iam.groups, "group", context).map(holderView)),
    ListGroupsForUser: (input, context) =>
      whole("Groups", groupsOf(iam, namedPrincipal(iam, "user", input, context).arn).map(holderView)),
    AddUserToGroup: (input, context) => add(parts, input, context),
    RemoveUserFromGroup: (input, context) => {
      const group = namedGroup(iam, input, context);
      const { arn } = namedPrincipal(iam, "user", input, context);
      group.members = group.members.filter((member) => member !== arn);
      return {};
    },
    DeleteGroup: (input, context) => remove(parts, input, context),
  };
}
