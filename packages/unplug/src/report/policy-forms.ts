import { stringify } from "yaml";

export type PolicyForm = "json" | "terraform" | "cloudformation";

/** What a document is attached as: a managed policy, or a role with it as its trust policy. */
export type PolicyUse = "permissions" | "trust";

/** An IAM policy as one of the tools for it takes it; ends in a line feed. */
export function policyText(document: object, form: PolicyForm, use: PolicyUse): string {
  if (form === "json") return `${JSON.stringify(document, null, 2)}\n`;
  return form === "terraform" ? terraformText(document, use) : cloudFormationText(document, use);
}

function terraformText(document: object, use: PolicyUse): string {
  const [type, member] =
    use === "trust" ? ["aws_iam_role", "assume_role_policy"] : ["aws_iam_policy", "policy"];
  return [
    `resource "${type}" "unplug" {`,
    `  name = "unplug"`,
    `  ${member} = jsonencode(${hcl(document, "  ")})`,
    "}",
    "",
  ].join("\n");
}

/** A value as HCL writes it: `Key = value`, and quotes where a key is no name. */
function hcl(value: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item) => `${inner}${hcl(item, inner)},\n`);
    return `[\n${items.join("")}${indent}]`;
  }
  if (typeof value === "object" && value !== null) {
    const lines = Object.entries(value).map(([key, item]) => {
      const name = /^[A-Za-z_][\w-]*$/.test(key) ? key : quoted(key);
      return `${inner}${name} = ${hcl(item, inner)}\n`;
    });
    return `{\n${lines.join("")}${indent}}`;
  }
  return quoted(String(value));
}

/** Source: https://developer.hashicorp.com/terraform/language/expressions/strings */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[$%]\{/g, (template) => `${template[0]}${template}`);
}

function cloudFormationText(document: object, use: PolicyUse): string {
  const resource =
    use === "trust"
      ? { Type: "AWS::IAM::Role", Properties: { AssumeRolePolicyDocument: document } }
      : { Type: "AWS::IAM::ManagedPolicy", Properties: { PolicyDocument: document } };
  const template = {
    AWSTemplateFormatVersion: "2010-09-09",
    Resources: { [use === "trust" ? "UnplugRole" : "UnplugPolicy"]: resource },
  };
  // Where quotes are missing, a date of a version is a date.
  return stringify(template, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0 });
}
