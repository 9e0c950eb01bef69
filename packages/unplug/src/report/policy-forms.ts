import { Document, visit } from "yaml";

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
  if (typeof value === "object" && value !== null)
    return `{\n${aligned(membersOf(value, inner), inner)}${indent}}`;
  return quoted(String(value));
}

type Member = readonly [name: string, value: string];

function membersOf(value: object, indent: string): readonly Member[] {
  return Object.entries(value).map(([key, item]) => [
    /^[A-Za-z_][\w-]*$/.test(key) ? key : quoted(key),
    hcl(item, indent),
  ]);
}

/** As `terraform fmt` has it: neighbours of one line have their signs below each other. */
function aligned(members: readonly Member[], indent: string): string {
  const isLong = (at: number) => members[at]?.[1].includes("\n") !== false;
  const widthAt = (at: number): number => {
    let [from, to] = [at, at];
    while (!isLong(from - 1)) from -= 1;
    while (!isLong(to + 1)) to += 1;
    return Math.max(...members.slice(from, to + 1).map(([name]) => name.length));
  };
  return members
    .map(([name, value], at) => `${indent}${isLong(at) ? name : name.padEnd(widthAt(at))} = ${value}\n`)
    .join("");
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
  const yaml = new Document(template, null, { aliasDuplicateObjects: false });
  visit(yaml, {
    // To the YAML of old that is read there, a date is a date and `no` is false.
    Scalar: (at, scalar) => {
      const isName = at === "key" && isPlainName(String(scalar.value));
      scalar.type = isName ? "PLAIN" : "QUOTE_DOUBLE";
    },
  });
  return yaml.toString({ lineWidth: 0 });
}

function isPlainName(key: string): boolean {
  return /^[A-Z][A-Za-z]+$/.test(key) && !/^(?:yes|no|on|off|true|false|null)$/i.test(key);
}
