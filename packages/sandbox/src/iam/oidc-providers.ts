import type { CallContext, Handlers } from "../caller.ts";
import { type Input, needText, texts } from "../input.ts";
import type { IamParts } from "./iam.ts";
import { alreadyExists, invalidInput, noSuchEntity } from "./iam-errors.ts";
import type { StoredProvider } from "./iam-state.ts";

function loopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}

/** AWS takes https only; here an issuer of this machine may speak http, which needs no certificate. */
function checkedUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  const isTaken = url?.protocol === "https:" || (url?.protocol === "http:" && loopback(url.hostname));
  if (isTaken && url?.search === "") return given.replace(/\/$/, "");
  throw invalidInput("Invalid Open ID Connect Provider URL");
}

function create({ iam }: IamParts, input: Input, { account, now }: CallContext): unknown {
  const url = checkedUrl(needText(input, "Url"));
  const arn = `arn:aws:iam::${account}:oidc-provider/${url.replace(/^https?:\/\//, "")}`;
  if (iam.oidcProviders.has(arn)) throw alreadyExists(`Provider with url ${url} already exists.`);
  const provider: StoredProvider = {
    arn,
    account,
    url,
    createdAt: now,
    clientIds: [...(texts(input, "ClientIDList") ?? [])],
    thumbprints: [...(texts(input, "ThumbprintList") ?? [])],
  };
  iam.oidcProviders.set(arn, provider);
  return { OpenIDConnectProviderArn: arn };
}

/** Issuers whose tokens roles may be assumed with. */
export function oidcProviderHandlers(parts: IamParts): Handlers {
  const { iam } = parts;
  const named = (input: Input): StoredProvider => {
    const arn = needText(input, "OpenIDConnectProviderArn");
    const found = iam.oidcProviders.get(arn);
    if (found === undefined) throw noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
    return found;
  };
  return {
    CreateOpenIDConnectProvider: (input, context) => create(parts, input, context),
    GetOpenIDConnectProvider: (input) => {
      const { url, clientIds, thumbprints, createdAt } = named(input);
      return {
        Url: url.replace(/^https?:\/\//, ""),
        ClientIDList: clientIds,
        ThumbprintList: thumbprints,
        CreateDate: createdAt / 1000,
      };
    },
    ListOpenIDConnectProviders: (_input, { account }) => ({
      OpenIDConnectProviderList: [...iam.oidcProviders.values()]
        .filter((one) => one.account === account)
        .map(({ arn }) => ({ Arn: arn })),
    }),
    AddClientIDToOpenIDConnectProvider: (input) => {
      const provider = named(input);
      const id = needText(input, "ClientID");
      if (!provider.clientIds.includes(id)) provider.clientIds = [...provider.clientIds, id];
      return {};
    },
    RemoveClientIDFromOpenIDConnectProvider: (input) => {
      const provider = named(input);
      const id = needText(input, "ClientID");
      provider.clientIds = provider.clientIds.filter((one) => one !== id);
      return {};
    },
    DeleteOpenIDConnectProvider: (input) => {
      iam.oidcProviders.delete(needText(input, "OpenIDConnectProviderArn"));
      return {};
    },
  };
}
