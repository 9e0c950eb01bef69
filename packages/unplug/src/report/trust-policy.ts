/** Who may take a role. */
export type Trust =
  | {
      readonly kind: "irsa";
      /** ARN of the cluster's OIDC provider in IAM. */
      readonly providerArn: string;
      readonly serviceAccount: ServiceAccount;
      readonly audience: string;
    }
  | { readonly kind: "pod-identity"; readonly serviceAccount: ServiceAccount | null }
  | {
      readonly kind: "role";
      /** ARN of a user, a role or an account. */
      readonly principal: string;
      readonly externalId: string | null;
    };

export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

interface TrustStatement {
  readonly Sid: "Unplug";
  readonly Effect: "Allow";
  readonly Principal: Readonly<Record<string, string>>;
  readonly Action: string | readonly string[];
  readonly Condition?: { readonly StringEquals: Readonly<Record<string, string>> };
}

export interface TrustDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly [TrustStatement];
}

/**
 * The trust policy of a role that Unplug is to have.
 *
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html,
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
 */
export function trustPolicy(trust: Trust): TrustDocument {
  return { Version: "2012-10-17", Statement: [{ Sid: "Unplug", Effect: "Allow", ...granted(trust) }] };
}

function granted(trust: Trust): Pick<TrustStatement, "Principal" | "Action" | "Condition"> {
  if (trust.kind === "irsa") {
    const issuer = trust.providerArn.replace(/^[^/]*\//, "");
    return {
      Principal: { Federated: trust.providerArn },
      Action: "sts:AssumeRoleWithWebIdentity",
      // Without the second, every service account of the cluster could take the role.
      Condition: {
        StringEquals: {
          [`${issuer}:aud`]: trust.audience,
          [`${issuer}:sub`]: `system:serviceaccount:${trust.serviceAccount.namespace}:${trust.serviceAccount.name}`,
        },
      },
    };
  }
  if (trust.kind === "pod-identity") {
    const account = trust.serviceAccount;
    return {
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
      ...(account === null
        ? {}
        : {
            Condition: {
              StringEquals: {
                "aws:RequestTag/kubernetes-namespace": account.namespace,
                "aws:RequestTag/kubernetes-service-account": account.name,
              },
            },
          }),
    };
  }
  return {
    Principal: { AWS: trust.principal },
    Action: "sts:AssumeRole",
    ...(trust.externalId === null
      ? {}
      : { Condition: { StringEquals: { "sts:ExternalId": trust.externalId } } }),
  };
}
