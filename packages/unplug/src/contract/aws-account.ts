import type { FunctionConfiguration } from "./aws-calls.ts";

/** The AWS operations that ask about a whole account and its callers, as `AwsCalls` has the others. */
export interface AccountCalls {
  "sts:GetCallerIdentity": { input: Record<string, never>; output: { Account: string; Arn: string } };
  "iam:SimulatePrincipalPolicy": {
    input: {
      PolicySourceArn: string;
      ActionNames: readonly string[];
      ResourceArns: readonly string[];
      ContextEntries: readonly {
        readonly ContextKeyName: string;
        readonly ContextKeyType: "string";
        readonly ContextKeyValues: readonly string[];
      }[];
      Marker?: string;
    };
    output: {
      EvaluationResults?: readonly {
        EvalActionName?: string;
        EvalResourceName?: string;
        EvalDecision?: string;
        MissingContextValues?: readonly string[];
        /** Left out where the caller has no permissions boundary. */
        PermissionsBoundaryDecisionDetail?: { readonly AllowedByPermissionsBoundary?: boolean };
      }[];
      IsTruncated?: boolean;
      Marker?: string;
    };
  };
  "iam:GetRole": { input: { RoleName: string }; output: { Role?: { Arn?: string } } };
  /** `ALL`: every published version too. */
  "lambda:ListFunctions": {
    input: { FunctionVersion?: "ALL"; Marker?: string };
    output: { Functions?: readonly FunctionConfiguration[]; NextMarker?: string };
  };
  "lambda:ListLayers": {
    input: { Marker?: string };
    output: {
      Layers?: readonly { LayerName?: string; LayerArn?: string }[];
      NextMarker?: string;
    };
  };
}
