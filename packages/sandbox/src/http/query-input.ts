import { isRecord } from "../input.ts";

/** Builds the tree of a form: `a.member.1.b=c` becomes `{a: [{b: "c"}]}`. */
export function formTree(form: URLSearchParams): Record<string, unknown> {
  const root: Record<string, unknown> = Object.create(null);
  for (const [path, value] of form) {
    const keys = path.split(".");
    if (keys.length > 12) continue;
    let node = root;
    for (const key of keys.slice(0, -1)) {
      const next = node[key];
      const child: Record<string, unknown> = isRecord(next) ? next : Object.create(null);
      node[key] = child;
      node = child;
    }
    node[keys.at(-1) ?? path] = value;
  }
  const built = withLists(root);
  return isRecord(built) ? built : {};
}

function numbered(node: Record<string, unknown>): unknown[] {
  return Object.entries(node)
    .filter(([key]) => /^\d+$/.test(key))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => item);
}

function withLists(node: unknown): unknown {
  if (!isRecord(node)) return node;
  const member = node["member"];
  if (isRecord(member)) return numbered(member).map(withLists);
  return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, withLists(item)]));
}

function items(tree: Record<string, unknown>, name: string): unknown[] | undefined {
  const node = tree[name];
  if (Array.isArray(node)) return node;
  // Clients write an empty list as a name without a value, and some write a list of one without a number.
  if (typeof node === "string") return node === "" ? [] : [node];
  return isRecord(node) ? numbered(node) : undefined;
}

function mapOf(pairs: readonly unknown[], key: string): Record<string, unknown> {
  const records = pairs.filter(isRecord);
  return Object.fromEntries(records.map((pair) => [String(pair[key]), pair["Value"]]));
}

const listNames: Readonly<Record<string, string>> = {
  AttributeName: "AttributeNames",
  MessageAttributeName: "MessageAttributeNames",
  MessageSystemAttributeName: "MessageSystemAttributeNames",
  TagKey: "TagKeys",
  AWSAccountId: "AWSAccountIds",
  ActionName: "Actions",
};

const entryNames = [
  "SendMessageBatchRequestEntry",
  "DeleteMessageBatchRequestEntry",
  "ChangeMessageVisibilityBatchRequestEntry",
];

/** The input of an SQS operation from a form: its lists and maps are flat and have names of their own. */
export function sqsFormInput(tree: Record<string, unknown>): Record<string, unknown> {
  const input: Record<string, unknown> = { ...tree };
  for (const [from, to] of Object.entries(listNames)) {
    const list = items(tree, from);
    delete input[from];
    if (list !== undefined) input[to] = list;
  }
  for (const name of [...Object.values(listNames), "Entries"]) if (input[name] === "") input[name] = [];
  const attributes = items(tree, "Attribute");
  if (attributes !== undefined) input["Attributes"] = mapOf(attributes, "Name");
  const messageAttributes = items(tree, "MessageAttribute");
  if (messageAttributes !== undefined) input["MessageAttributes"] = mapOf(messageAttributes, "Name");
  const systemAttributes = items(tree, "MessageSystemAttribute");
  if (systemAttributes !== undefined) input["MessageSystemAttributes"] = mapOf(systemAttributes, "Name");
  const tags = items(tree, "Tag");
  if (tags !== undefined) {
    input["Tags"] = mapOf(tags, "Key");
    input["tags"] = input["Tags"];
  }
  for (const name of entryNames) {
    const entries = items(tree, name);
    if (entries !== undefined) input["Entries"] = entries.filter(isRecord).map(sqsFormInput);
    delete input[name];
  }
  for (const name of ["Attribute", "MessageAttribute", "MessageSystemAttribute", "Tag"]) delete input[name];
  return input;
}
