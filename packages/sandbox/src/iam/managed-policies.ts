import type { CallContext, Handler, Handlers } from "../caller.ts";
import { type Input, needText, text } from "../input.ts";
import type { IamParts } from "./iam.ts";
import { alreadyExists, deleteConflict, noSuchEntity } from "./iam-errors.ts";
import { holders, type PolicyHolder, type StoredPolicy } from "./iam-state.ts";
import { readPolicy } from "./policy-document.ts";
import { checkedName, escapedDocument, namedHolder, pathOf, titles, whole } from "./principals.ts";

const version = "v1";

function view({ iam }: IamParts, policy: StoredPolicy): Record<string, unknown> {
  const held = holders(iam).filter(({ attached }) => attached.includes(policy.arn));
  const bounded = [...iam.principals.values()].filter(({ boundary }) => boundary === policy.arn);
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: version,
    AttachmentCount: held.length,
    PermissionsBoundaryUsageCount: bounded.length,
    IsAttachable: true,
    ...(policy.description === "" ? {} : { Description: policy.description }),
    CreateDate: policy.createdAt / 1000,
    UpdateDate: policy.createdAt / 1000,
  };
}

function create(parts: IamParts, input: Input, { account, now }: CallContext): unknown {
  const { iam, ids } = parts;
  const name = checkedName(input, "PolicyName", 128);
  const path = pathOf(input);
  const document = needText(input, "PolicyDocument");
  readPolicy(document, "identity");
  const taken = [...iam.managedPolicies.values()].some(
    (one) => one.account === account && one.name.toLowerCase() === name.toLowerCase(),
  );
  if (taken) throw alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
  const policy: StoredPolicy = {
    account,
    name,
    path,
    arn: `arn:aws:iam::${account}:policy${path}${name}`,
    id: `ANPA${ids.letters(17)}`,
    createdAt: now,
    description: text(input, "Description") ?? "",
    document,
  };
  iam.managedPolicies.set(policy.arn, policy);
  return { Policy: view(parts, policy) };
}

function policyOf({ iam }: IamParts, input: Input): StoredPolicy {
  const arn = needText(input, "PolicyArn");
  const found = iam.managedPolicies.get(arn);
  if (found === undefined) throw noSuchEntity(`Policy ${arn} was not found.`);
  return found;
}

function attach(parts: IamParts, kind: PolicyHolder["kind"]): Handler {
  return (input, context) => {
    const holder = namedHolder(parts.iam, kind, input, context);
    const arn = needText(input, "PolicyArn");
    if (!parts.iam.managedPolicies.has(arn)) {
      throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
    }
    if (!holder.attached.includes(arn)) holder.attached = [...holder.attached, arn];
    return {};
  };
}

function detach(parts: IamParts, kind: PolicyHolder["kind"]): Handler {
  return (input, context) => {
    const holder = namedHolder(parts.iam, kind, input, context);
    const arn = needText(input, "PolicyArn");
    if (!holder.attached.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
    holder.attached = holder.attached.filter((one) => one !== arn);
    return {};
  };
}

function listAttached(parts: IamParts, kind: PolicyHolder["kind"]): Handler {
  return (input, context) => {
    const { attached } = namedHolder(parts.iam, kind, input, context);
    const shown = attached.map((PolicyArn) => ({
      PolicyName: parts.iam.managedPolicies.get(PolicyArn)?.name,
      PolicyArn,
    }));
    return whole("AttachedPolicies", shown);
  };
}

/** Those of the kinds of holders: Attach, Detach and List. */
export function attachmentHandlers(parts: IamParts, kind: PolicyHolder["kind"]): Handlers {
  return {
    [`Attach${titles[kind]}Policy`]: attach(parts, kind),
    [`Detach${titles[kind]}Policy`]: detach(parts, kind),
    [`ListAttached${titles[kind]}Policies`]: listAttached(parts, kind),
  };
}

/** Policies that stand for themselves and are attached to users, roles and groups; each has one version. */
export function managedPolicyHandlers(parts: IamParts): Handlers {
  const { iam } = parts;
  return {
    CreatePolicy: (input, context) => create(parts, input, context),
    GetPolicy: (input) => ({ Policy: view(parts, policyOf(parts, input)) }),
    GetPolicyVersion: (input) => {
      const policy = policyOf(parts, input);
      const asked = needText(input, "VersionId");
      if (asked !== version) {
        throw noSuchEntity(`Policy ${policy.arn} version ${asked} does not exist or is not attachable.`);
      }
      return {
        PolicyVersion: {
          Document: escapedDocument(policy.document),
          VersionId: version,
          IsDefaultVersion: true,
          CreateDate: policy.createdAt / 1000,
        },
      };
    },
    ListPolicies: (_input, { account }) =>
      whole(
        "Policies",
        [...iam.managedPolicies.values()]
          .filter((one) => one.account === account)
          .map((one) => view(parts, one)),
      ),
    DeletePolicy: (input) => {
      const { arn } = policyOf(parts, input);
      const isBoundary = [...iam.principals.values()].some(({ boundary }) => boundary === arn);
      if (isBoundary || holders(iam).some(({ attached }) => attached.includes(arn))) {
        throw deleteConflict("Cannot delete a policy attached to entities.");
      }
      iam.managedPolicies.delete(arn);
      return {};
    },
  };
}
