import type { Handlers } from "../caller.ts";
import { needText } from "../input.ts";
import type { IamParts } from "./iam.ts";
import { noSuchEntity } from "./iam-errors.ts";
import type { StoredPrincipal } from "./iam-state.ts";
import { readPolicy } from "./policy-document.ts";
import { checkedName, escapedDocument, namedPrincipal, whole } from "./principals.ts";

const names = { user: "User", role: "Role" } as const;

/** Policies that are part of one user or role: Put, Get, List and Delete. */
export function inlinePolicyHandlers({ iam }: IamParts, kind: StoredPrincipal["kind"]): Handlers {
  const named = names[kind];
  return {
    [`Put${named}Policy`]: (input, context) => {
      const principal = namedPrincipal(iam, kind, input, context);
      const name = checkedName(input, "PolicyName", 128);
      const document = needText(input, "PolicyDocument");
      readPolicy(document, "identity");
      principal.inline.set(name, document);
      return {};
    },
    [`Get${named}Policy`]: (input, context) => {
      const principal = namedPrincipal(iam, kind, input, context);
      const name = needText(input, "PolicyName");
      const document = principal.inline.get(name);
      if (document === undefined) throw missing(kind, name);
      return {
        [`${named}Name`]: principal.name,
        PolicyName: name,
        PolicyDocument: escapedDocument(document),
      };
    },
    [`List${named}Policies`]: (input, context) =>
      whole("PolicyNames", [...namedPrincipal(iam, kind, input, context).inline.keys()]),
    [`Delete${named}Policy`]: (input, context) => {
      const name = needText(input, "PolicyName");
      if (!namedPrincipal(iam, kind, input, context).inline.delete(name)) throw missing(kind, name);
      return {};
    },
  };
}

function missing(kind: string, name: string) {
  return noSuchEntity(`The ${kind} policy with name ${name} cannot be found.`);
}
