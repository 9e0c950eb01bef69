import type { ServiceAccount, Trust } from "../report/trust-policy.ts";
import { UsageError } from "./usage-error.ts";

export type TrustKind = Trust["kind"];

export interface TrustFlags {
  readonly oidcProvider?: string;
  readonly serviceAccount?: string;
  readonly audience?: string;
  readonly principal?: string;
  readonly externalId?: string;
}

const optionNames: Readonly<Record<keyof TrustFlags, string>> = {
  oidcProvider: "--oidc-provider",
  serviceAccount: "--service-account",
  audience: "--audience",
  principal: "--principal",
  externalId: "--external-id",
};

const uses: Readonly<Record<TrustKind, readonly (keyof TrustFlags)[]>> = {
  irsa: ["oidcProvider", "serviceAccount", "audience"],
  "pod-identity": ["serviceAccount"],
  role: ["principal", "externalId"],
};

const AUDIENCE = "sts.amazonaws.com";

/** Who is to be trusted, as the command line says it. Throws UsageError. */
export function readTrust(kind: TrustKind, flags: TrustFlags): Trust {
  refuseTrustFlags(flags, uses[kind], `is not for --trust ${kind}`);
  if (kind === "irsa") {
    return {
      kind,
      providerArn: readProvider(needed(flags, "oidcProvider", kind)),
      serviceAccount: readServiceAccount(needed(flags, "serviceAccount", kind)),
      audience: readAudience(flags.audience ?? AUDIENCE),
    };
  }
  if (kind === "pod-identity") {
    const { serviceAccount } = flags;
    return {
      kind,
      serviceAccount: serviceAccount === undefined ? null : readServiceAccount(serviceAccount),
    };
  }
  return {
    kind,
    principal: readPrincipal(needed(flags, "principal", kind)),
    externalId: flags.externalId === undefined ? null : readExternalId(flags.externalId),
  };
}

/** Refuses each of the options that is given and not one of `known`. */
export function refuseTrustFlags(flags: TrustFlags, known: readonly (keyof TrustFlags)[], why: string): void {
  for (const [name, option] of Object.entries(optionNames)) {
    const key = Object.keys(optionNames).find((one): one is keyof TrustFlags => one === name);
    if (key !== undefined && flags[key] !== undefined && !known.includes(key))
      throw new UsageError(`${option} ${why}.`);
  }
}

function needed(flags: TrustFlags, key: keyof TrustFlags, kind: TrustKind): string {
  const value = flags[key];
  if (value !== undefined) return value;
  const all = uses[kind].map((one) => optionNames[one]).join(", ");
  throw new UsageError(`--trust ${kind} needs ${optionNames[key]}; it takes ${all}.`);
}

/** A host and a path as IAM has it in the provider's ARN; the account is not in a URL. */
function readProvider(given: string): string {
  const issuer = /^(?:https:\/\/)?([a-z0-9][a-z0-9.-]*\.[a-z]+(?:\/[\w./-]*[\w-])?)\/?$/;
  const arn = /^arn:[\w-]+:iam::\d{12}:oidc-provider\/[\w./-]*[\w-]$/;
  if (arn.test(given)) return given;
  const found = issuer.exec(given)?.[1];
  if (found !== undefined) return `arn:aws:iam::ACCOUNT:oidc-provider/${found}`;
  throw new UsageError(
    `--oidc-provider ${given}: expected the ARN of the cluster's provider in IAM, or its URL; ` +
      "`aws eks describe-cluster --name CLUSTER --query cluster.identity.oidc.issuer` prints that.",
  );
}

/** Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ (a namespace is a label, a service account a subdomain) */
function readServiceAccount(given: string): ServiceAccount {
  const [namespace = "", name = "", ...more] = given.split("/");
  const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
  const subdomain = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
  if (more.length === 0 && label.test(namespace) && subdomain.test(name)) return { namespace, name };
  const star = given.includes("*") ? " A pattern would trust other workloads, too." : "";
  throw new UsageError(`--service-account ${given}: expected NAMESPACE/NAME, like chaos/unplug.${star}`);
}

function readAudience(given: string): string {
  if (/^[\w.:/-]+$/.test(given)) return given;
  throw new UsageError(`--audience ${given}: expected what the tokens are for, like ${AUDIENCE}.`);
}

function readPrincipal(given: string): string {
  if (/^\d{12}$/.test(given)) return `arn:aws:iam::${given}:root`;
  if (/^arn:[\w-]+:iam::\d{12}:(?:root|(?:user|role)\/[\w+=,.@/-]+)$/.test(given)) return given;
  const session = /^arn:[\w-]+:sts::(\d{12}):assumed-role\/([^/]+)\//.exec(given);
  const role =
    session === null ? "" : ` The role of that session is arn:aws:iam::${session[1]}:role/${session[2]}.`;
  throw new UsageError(
    `--principal ${given}: expected the ARN of a user or a role, or an account's 12 digits.${role}`,
  );
}

/** Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
function readExternalId(given: string): string {
  if (/^[\w+=,.@:/-]{2,1224}$/.test(given)) return given;
  throw new UsageError(
    `--external-id ${JSON.stringify(given)}: expected 2 to 1224 letters, digits and characters of +=,.@:/-_`,
  );
}
