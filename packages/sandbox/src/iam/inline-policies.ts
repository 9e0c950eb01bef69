import type { Handlers } from "../caller.ts";
import { needText } from "../input.ts";
import type { IamParts } from "./iam.ts";
import { noSuchEntity } from "./iam-errors.ts";
import type { PolicyHolder } from "./iam-state.ts";
import { readPolicy } from "./policy-document.ts";
import { checkedName, escapedDocument, namedHolder, titles, whole } from "./principals.ts";

/** Policies that are part of one user, role or group: Put, Get, List and Delete. */
export function inlinePolicyHandlers({ iam }: IamParts, kind: PolicyHolder["kind"]): Handlers {
  const named = titles[kind];
  return {
    [`Put${named}Policy`]: (input, context) => {
      const holder = namedHolder(iam, kind, input, context);
      const name = checkedName(input, "PolicyName", 128);
      const document = needText(input, "PolicyDocument");
      readPolicy(document, "identity");
      holder.inline.set(name, document);
      return {};
    },
    [`Get${named}Policy`]: (input, context) => {
      const holder = namedHolder(iam, kind, input, context);
      const name = needText(input, "PolicyName");
      const document = holder.inline.get(name);
      if (document === undefined) throw missing(kind, name);
      return {
        [`${named}Name`]: holder.name,
        PolicyName: name,
        PolicyDocument: escapedDocument(document),
      };
    },
    [`List${named}Policies`]: (input, context) =>
      whole("PolicyNames", [...namedHolder(iam, kind, input, context).inline.keys()]),
    [`Delete${named}Policy`]: (input, context) => {
      const name = needText(input, "PolicyName");
      if (!namedHolder(iam, kind, input, context).inline.delete(name)) throw missing(kind, name);
      return {};
    },
  };
}

function missing(kind: string, name: string) {
  return noSuchEntity(`The ${kind} policy with name ${name} cannot be found.`);
}
