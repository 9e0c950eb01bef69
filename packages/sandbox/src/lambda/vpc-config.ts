import { createHash } from "node:crypto";
import type { ModelFailure } from "../api-error.ts";
import type { Place } from "../arns.ts";
import { flag, type Input, record, texts } from "../input.ts";
import { itemFailures } from "./constraints.ts";

/** The network of a function. */
export interface VpcConfig {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly ipv6: boolean;
}

function idFailures(vpc: Input, member: string, pattern: string): readonly ModelFailure[] {
  const whole = new RegExp(`^(?:${pattern})$`);
  return itemFailures(vpc, `VpcConfig.${member}`, (id) => whole.test(id) && id.length <= 1024, [
    "Member must have length less than or equal to 1024",
    "Member must have length greater than or equal to 0",
    `Member must satisfy regular expression pattern: ${pattern}`,
  ]);
}

/** What is wrong with the ids by the API's model. Source: recorded answers of Lambda. */
export function vpcFailures(input: Input): readonly ModelFailure[] {
  const vpc = record(input, "VpcConfig");
  if (vpc === undefined) return [];
  return [
    ...idFailures(vpc, "SubnetIds", "subnet-[0-9a-z]*"),
    ...idFailures(vpc, "SecurityGroupIds", "sg-[0-9a-zA-Z]*"),
  ];
}

export function vpcFrom(vpc: Input): VpcConfig {
  return {
    subnetIds: texts(vpc, "SubnetIds") ?? [],
    securityGroupIds: texts(vpc, "SecurityGroupIds") ?? [],
    ipv6: flag(vpc, "Ipv6AllowedForDualStack") ?? false,
  };
}

/** There is no EC2 here: all subnets are in the one VPC that an account has in a region. Without subnets its id is "". */
export function vpcView(vpc: VpcConfig, { region, account }: Place): Record<string, unknown> {
  const digest = createHash("sha256").update(`${account} ${region}`).digest("hex").slice(0, 17);
  return {
    SubnetIds: [...vpc.subnetIds],
    SecurityGroupIds: [...vpc.securityGroupIds],
    VpcId: vpc.subnetIds.length === 0 ? "" : `vpc-${digest}`,
    Ipv6AllowedForDualStack: vpc.ipv6,
  };
}
