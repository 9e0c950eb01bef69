import { type Command, Option } from "commander";
import type { PolicyForm } from "../report/policy-forms.ts";
import type { TrustKind } from "./trust-input.ts";

const forms: readonly PolicyForm[] = ["json", "terraform", "cloudformation"];
const trusts: readonly TrustKind[] = ["irsa", "pod-identity", "role"];

/** What `policy` takes beside its subject; here, so that `--help` loads none of what it needs. */
export function withPolicyOptions(command: Command): Command {
  return command
    .description("the least IAM policy for it, scoped to its resources")
    .option(
      "--all",
      "every fault on any function, and every probe, with placeholders for what only a plan knows",
    )
    .option("--step <name>", "of this step of the file alone, where steps run as several callers")
    .option("--as-documented", "the actions that the fault's public page prints, on every resource")
    .addOption(new Option("--trust <who>", "instead: the trust policy of a role").choices(trusts))
    .option("--oidc-provider <url-or-arn>", "of the cluster, for irsa")
    .option("--service-account <namespace/name>", "who may take it, for irsa and pod-identity")
    .option("--audience <text>", "of the tokens, for irsa (default: sts.amazonaws.com)")
    .option("--principal <arn>", "user, role or account who may assume it, for role")
    .option("--external-id <text>", "what they must say, for role")
    .addOption(new Option("--as <form>", "what is printed").choices(forms).default("json"));
}
