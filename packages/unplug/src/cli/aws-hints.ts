import { actionFacts, iamName } from "../contract/actions.ts";
import type { Action } from "../contract/aws.ts";

/** What is known of a call that failed; from an AwsError, or from an event that tells of one. */
export interface AwsFailure {
  readonly code: string;
  readonly message: string;
  /** `service:Operation`; empty when nobody said. */
  readonly action: string;
}

interface Hint {
  /** Of which actions; absent: of any. */
  readonly of?: RegExp;
  readonly applies: RegExp;
  readonly text: (failure: AwsFailure) => string;
}

/** Matched against `code: message`, the first that applies wins. */
const hints: readonly Hint[] = [
  {
    of: /^registry:/,
    // One on this machine is the sandbox's, which AWS_ENDPOINT_URL names.
    applies:
      /^(?:E(?!RR_)[A-Z_]+|TimeoutError|UnreadableAnswer|Unknown): (?!.*(?:\b127\.\d|\blocalhost\b|\[::1\]))/,
    text: ({ message }) => {
      const nameless = /(?:ENOTFOUND|EAI_AGAIN)\s+([^\s)]+)/.exec(message)?.[1];
      const registry = /\bThe registry at ([^\s,]+?)[,:]?\s/.exec(message)?.[1];
      const named = registry === undefined ? "the registry" : `the registry ${registry}`;
      return `${nameless === undefined ? "" : `${nameless} has no address here. `}The token of ECR names ${named}, whatever AWS_ENDPOINT_URL says. It must be reached from here by HTTPS, and so must ECR's API and the bucket of S3 that has the layers: in a VPC through a NAT, or by endpoints for ecr.api, ecr.dkr and s3 (a gateway); elsewhere see what firewall and proxy let through. Then run it again.`;
    },
  },
  {
    applies: /SyntaxError|Unexpected token '?<|<!?(doctype|html)/i,
    text: () =>
      "The answer was a web page, not AWS: a proxy, a portal or a wrong AWS_ENDPOINT_URL stands between. Look at HTTPS_PROXY and AWS_ENDPOINT_URL.",
  },
  {
    applies: /HPE_|EPROTO|ERR_SSL|wrong version number/,
    text: () =>
      "What listens there does not speak this protocol: AWS_ENDPOINT_URL may have a wrong port, or http:// for https://, or https:// for http://.",
  },
  {
    applies: /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_|ERR_TLS/,
    text: () =>
      "The endpoint's certificate is not trusted: where a proxy has one of its own, name its authority's file in NODE_EXTRA_CA_CERTS.",
  },
  {
    applies: /UnreadableAnswer/,
    text: () =>
      "Something else answered in AWS's place, or a part of the answer was lost: look at AWS_ENDPOINT_URL and HTTPS_PROXY, then run it again.",
  },
  {
    applies: /ERR_INVALID_CHAR/,
    text: () =>
      "The credentials hold a character that none has, such as a line break or a letter with an accent: set them again.",
  },
  {
    applies: /ExpiredToken|RequestExpired|TokenRefreshRequired|token.*expired|session.*expired/i,
    text: () =>
      "The credentials are too old. Get new ones (`aws sso login`, or a new role session) and run it again; a clock that is wrong does the same.",
  },
  {
    applies: /\b(ENOENT|EACCES|EISDIR)\b/,
    text: () =>
      "A file that the credentials are read from is not there, or may not be read: look at AWS_WEB_IDENTITY_TOKEN_FILE (IRSA) and AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE (EKS Pod Identity), and at whether the pod mounts the token.",
  },
  {
    applies: /The file secret ".*gives no credentials/,
    text: () =>
      "A file secret is an AWS credentials file: a line [default], or the profile that AWS_PROFILE names, and below it aws_access_key_id and aws_secret_access_key. `unplug secret add NAME FILE` puts another in its place.",
  },
  {
    applies: /The profile ".*gives no credentials/,
    text: () =>
      "Is it spelt as in the AWS config and credentials files (`aws configure list-profiles`), and does it hold credentials?",
  },
  {
    applies: /CredentialsProviderError|Could not load credentials|Unable to locate credentials/i,
    text: () =>
      "No usable credentials were found. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is attached (IRSA, instance profile).",
  },
  {
    applies:
      /UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|AuthFailure/i,
    text: () =>
      "AWS does not know these credentials: a key that is wrong, deleted or of another partition, a region that is not enabled for the account, or a clock that is minutes off.",
  },
  {
    applies: /InvalidIdentityToken/,
    text: () =>
      "AWS does not take the pod's token: the account's IAM has no OIDC provider of this cluster (`aws iam list-open-id-connect-providers`), or the token is for another audience.",
  },
  {
    applies: /sts:AssumeRoleWithWebIdentity/i,
    text: () =>
      "The role's trust policy does not name this cluster, service account or audience; `unplug policy --trust irsa` prints one that does.",
  },
  {
    applies: /sts:AssumeRole\b/,
    text: (failure) =>
      `${deniedOf(failure).principal} may not take the role. Its own policy must permit sts:AssumeRole on it, and the role's trust policy must name it, with the external id where one is asked for: \`unplug policy --trust role\` prints that.`,
  },
  {
    applies: /explicit deny in|because no (?!identity-based|session)[\w -]+ allows/,
    text: (failure) => {
      const { principal, action } = deniedOf(failure);
      const [, denied, named, none] =
        /explicit deny in (?:an? )?([\w -]+)(?:: (arn:\S*[^\s.,]))?|because no ([\w -]+?) allows/.exec(
          failure.message,
        ) ?? [];
      const what = [denied ?? none ?? "policy", ...(named === undefined ? [] : [named])].join(" ");
      return `${principal} may not ${action}: the ${what} decides so, and a further permission changes nothing. Ask who keeps it, or use another account.`;
    },
  },
  {
    applies: /AccessDenied|UnauthorizedOperation|AuthorizationError|not authorized to perform/i,
    text: (failure) => {
      const { principal, action } = deniedOf(failure);
      return `${principal} may not ${action}. Add it to the IAM policy of that user, role or IRSA service account; \`unplug policy\` prints the whole policy that is needed.`;
    },
  },
  {
    applies: /\b(ENOTFOUND|EAI_AGAIN|getaddrinfo)\b/,
    text: ({ message }) => {
      const host = /(?:ENOTFOUND|EAI_AGAIN)\s+(\S+)/.exec(message)?.[1];
      return `${host ?? "The endpoint"} has no address. Look at the spelling of REGION (aws ec2 describe-regions lists them), at AWS_ENDPOINT_URL, and at the network.`;
    },
  },
  {
    applies: /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ECONNRESET|ETIMEDOUT|TimeoutError|socket hang up/i,
    text: () =>
      "The endpoint cannot be reached. Is AWS_ENDPOINT_URL right (for the sandbox: does `unplug sandbox` still run?), and does the network or proxy let it through?",
  },
  {
    applies: /Throttl(?:ing|ed)|TooManyRequests|RequestLimitExceeded|SlowDown/i,
    text: () =>
      "AWS is refusing calls for being too many: something else in the account is busy. Run it again later.",
  },
];

/** What to do about it; null when AWS's own words must do. */
export function awsHint(failure: AwsFailure): string | null {
  const told = `${failure.code}: ${failure.message}`;
  const hint = hints.find(({ of = /^/, applies }) => of.test(failure.action) && applies.test(told));
  return hint?.text(failure) ?? null;
}

/** What to do about each of the failures that events tell of: those name the action before the message. */
export function awsHints(
  failures: readonly { readonly code: string; readonly message: string }[],
): ReadonlySet<string> {
  return new Set(
    failures.flatMap(({ code, message }) => {
      const action = /^(\w+:\w+): /.exec(message)?.[1] ?? "";
      return awsHint({ code, message, action }) ?? [];
    }),
  );
}

/** AWS names both in its message: "User: arn:… is not authorized to perform: lambda:GetFunction on resource: …". */
function deniedOf({ message, action }: AwsFailure): { principal: string; action: string } {
  const principal = /\b(arn:aws[\w-]*:(?:iam|sts)::\S+?)\s+is not authorized/.exec(message)?.[1];
  const told = /not authorized to perform:?\s+([\w-]+:\w+)/.exec(message)?.[1];
  return { principal: principal ?? "The principal", action: told ?? permissionOf(action) };
}

/** S3 names no action in its refusals, and ours is that of the operation. */
function permissionOf(action: string): string {
  if (action === "") return "do this";
  return isAction(action) ? iamName({ action }) : action;
}

function isAction(text: string): text is Action {
  return Object.hasOwn(actionFacts, text);
}
