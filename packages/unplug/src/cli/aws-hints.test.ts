import { expect, test } from "vitest";
import { builtinFaults } from "../faults/index.ts";
import { awsHint, awsHints } from "./aws-hints.ts";

test.each([
  [
    "AccessDeniedException",
    "User: arn:aws:sts::123456789012:assumed-role/chaos/me is not authorized to perform: lambda:GetFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:orders because no identity-based policy allows the action",
  ],
  ["AccessDeniedException", ""],
  [
    "AccessDeniedException",
    "User: arn:aws:iam::123456789012:user/me is not authorized to perform: lambda:UpdateFunctionCode on resource: arn:aws:lambda:us-east-1:123456789012:function:orders with an explicit deny in a service control policy",
  ],
  [
    "AccessDeniedException",
    "User: arn:aws:iam::123456789012:user/me is not authorized to perform: lambda:GetFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:orders because no permissions boundary allows the lambda:GetFunction action",
  ],
  [
    "AccessDeniedException",
    "User: arn:aws:iam::123456789012:user/me is not authorized to perform: lambda:GetFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:orders with an explicit deny in a permissions boundary: arn:aws:iam::123456789012:policy/most.",
  ],
  [
    "AccessDenied",
    "User: arn:aws:iam::123456789012:user/me is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/chaos",
  ],
  ["AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"],
  [
    "InvalidIdentityToken",
    "No OpenIDConnect provider found in your account for https://oidc.example.com/id/1",
  ],
  ["CredentialsProviderError", "Could not load credentials from any providers"],
  ["ExpiredTokenException", "The security token included in the request is expired"],
  ["UnrecognizedClientException", "The security token included in the request is invalid."],
  ["ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:4566"],
  ["ENOTFOUND", "getaddrinfo ENOTFOUND lambda.us-eest-1.amazonaws.com"],
  ["SyntaxError", "Unexpected token '<', \"<!doctype \"... is not valid JSON"],
  ["UnreadableAnswer", "the endpoint answered something that is not AWS's (HTTP 404)"],
  ["UnreadableAnswer", "the endpoint answered something that is not AWS's (HTTP 200, Unexpected token '<')"],
  ["HPE_INVALID_CONSTANT", "Parse Error: Expected HTTP/, RTSP/ or ICE/"],
  ["EPROTO", "write EPROTO 405D:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate"],
  ["ERR_INVALID_CHAR", 'Invalid character in header content ["authorization"]'],
  [
    "CredentialsProviderError",
    'The profile "nope" (AWS_PROFILE) gives no credentials: Could not load credentials from any providers',
  ],
  [
    "CredentialsProviderError",
    'The file secret "team" (AWS_AUTHENTICATION_SECRET) gives no credentials for its profile [default], since no AWS_PROFILE names another: Could not resolve credentials',
  ],
  ["ENOENT", "ENOENT: no such file or directory, open '/var/run/secrets/token'"],
  ["TooManyRequestsException", "Rate exceeded"],
  ["ResourceNotFoundException", "Function not found: orders"],
])("%s: %s", (code, message) => {
  expect(awsHint({ code, message, action: "lambda:GetFunction" })).toMatchSnapshot();
});

// What the troubleshooting sections of the faults' pages give: the policy of that user, role or service account, and which action.
test("a denied action leads to the policy that lacks it, whatever the action", () => {
  for (const action of builtinFaults.flatMap(({ documented = [] }) => documented)) {
    const message = `User: arn:aws:iam::123456789012:user/me is not authorized to perform: ${action} on resource: * because no identity-based policy allows the ${action} action`;
    const hint = awsHint({ code: "AccessDeniedException", message, action: "" });
    expect(hint).toContain(`arn:aws:iam::123456789012:user/me may not ${action}.`);
    expect(hint).toContain("IAM policy of that user, role or IRSA service account");
  }
});

test.each([
  ["s3:ListObjectsV2", "s3:ListBucket"],
  ["lambda:TryUpdateFunctionCode", "lambda:UpdateFunctionCode"],
  ["lambda:GetFunction", "lambda:GetFunction"],
  ["other:Thing", "other:Thing"],
])("a refusal that names no action is told by IAM's name of what was asked: %s", (action, permission) => {
  expect(awsHint({ code: "AccessDenied", message: "Access Denied", action })).toContain(
    `The principal may not ${permission}. Add it`,
  );
});

test("a fault's name is nothing that AWS said", () => {
  const message = 'rails.yaml:3:18: allow.faults: step "lambda-throttle" is lambda-throttle';
  expect(awsHint({ code: "Refusal", message, action: "" })).toBeNull();
});

const AT =
  "The registry at 123456789012.dkr.ecr.us-east-1.amazonaws.com, asked for the manifest v1 of shop/cart:";
const BUCKET = "prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com";

test.each([
  ["ECONNRESET", `${AT} no answer (read ECONNRESET). Try again.`],
  ["TimeoutError", `${AT} it was silent for 20 s. Is it reachable, and no proxy in between? Try again.`],
  ["ENOTFOUND", `${AT} no answer (getaddrinfo ENOTFOUND ${BUCKET}). Is the registry reachable from here?`],
  [
    "UnreadableAnswer",
    `${AT} it answered HTTP 403, and not as a registry does. Is there a proxy in between?`,
  ],
  ["TimeoutError", "no answer within 20 s"],
])("a registry that cannot be had is told as what it is, and what leads to it: %s: %s", (code, message) => {
  const hint = awsHint({ code, message, action: "registry:GetManifest" });
  expect(hint).toMatchSnapshot();
  expect([...awsHints([{ code, message: `registry:GetManifest: ${message}` }])]).toEqual([hint]);
});

test("a registry on this machine is the sandbox's", () => {
  const message =
    "The registry at 127.0.0.1:4566, asked for the manifest v1 of shop/cart: no answer (read ECONNRESET).";
  expect(awsHint({ code: "ECONNRESET", message, action: "registry:GetManifest" })).toContain(
    "does `unplug sandbox` still run?",
  );
});
