import { isDeepStrictEqual } from "node:util";
import { ApiError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { type Input, isRecord, record, text } from "../input.ts";
import { logChange } from "./item-changes.ts";
import { type Item, keyOf } from "./item-keys.ts";
import type { StoredTable, TableStore } from "./table-store.ts";
import { tableOf } from "./tables.ts";

interface Parts {
  readonly tables: TableStore;
}

/** What would need the language of expressions, which this cloud does not read. */
const expressions = [
  "ConditionExpression",
  "Expected",
  "FilterExpression",
  "ProjectionExpression",
  "UpdateExpression",
  "KeyConditionExpression",
];

function invalid(message: string): ApiError {
  return new ApiError(400, "ValidationException", message, { type: null });
}

function refuseExpressions(input: Input): void {
  const given = expressions.find((name) => input[name] !== undefined);
  if (given === undefined) return;
  throw invalid(`The tables of this cloud know no expressions: leave ${given} away.`);
}

function itemIn(input: Input, member: string): Item {
  const given = record(input, member);
  if (given === undefined)
    throw invalid(`The parameter '${member}' is required but was not present in the request`);
  const item = Object.entries(given).map(([name, value]): [string, Readonly<Record<string, unknown>>] => {
    if (!isRecord(value) || Object.keys(value).length !== 1) {
      throw invalid(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
      );
    }
    return [name, value];
  });
  return Object.fromEntries(item);
}

/** Replaces or removes (null) what a key names, and tells the stream of the table. Gives what was there before. */
function change(table: StoredTable, key: string, after: Item | null, context: CallContext): Item | null {
  const before = table.items.get(key) ?? null;
  if (after === null) table.items.delete(key);
  else table.items.set(key, after);
  if (!isDeepStrictEqual(before, after)) logChange(table, before, after, context.now);
  return before;
}

function answered(input: Input, before: Item | null): unknown {
  return text(input, "ReturnValues") === "ALL_OLD" && before !== null ? { Attributes: before } : {};
}

function batch(parts: Parts, input: Input, context: CallContext): unknown {
  for (const [TableName, requests] of Object.entries(record(input, "RequestItems") ?? {})) {
    const table = tableOf(parts, { TableName }, context);
    if (!Array.isArray(requests)) throw invalid("RequestItems needs a list of requests for each table.");
    for (const request of requests) {
      const put = isRecord(request) ? record(request, "PutRequest") : undefined;
      const remove = isRecord(request) ? record(request, "DeleteRequest") : undefined;
      if (put !== undefined) {
        const item = itemIn(put, "Item");
        change(table, keyOf(table, item, false), item, context);
      } else if (remove !== undefined) {
        change(table, keyOf(table, itemIn(remove, "Key"), true), null, context);
      }
    }
  }
  return { UnprocessedItems: {} };
}

/** DynamoDB's operations on whole items, by their keys. */
export function itemHandlers(parts: Parts): Handlers {
  const named = (input: Input, context: CallContext): StoredTable => {
    refuseExpressions(input);
    return tableOf(parts, input, context);
  };
  return {
    PutItem: (input, context) => {
      const table = named(input, context);
      const item = itemIn(input, "Item");
      return answered(input, change(table, keyOf(table, item, false), item, context));
    },
    DeleteItem: (input, context) => {
      const table = named(input, context);
      return answered(input, change(table, keyOf(table, itemIn(input, "Key"), true), null, context));
    },
    GetItem: (input, context) => {
      const table = named(input, context);
      const Item = table.items.get(keyOf(table, itemIn(input, "Key"), true));
      return Item === undefined ? {} : { Item };
    },
    Scan: (input, context) => {
      const Items = [...named(input, context).items.values()];
      return { Items, Count: Items.length, ScannedCount: Items.length };
    },
    BatchWriteItem: (input, context) => batch(parts, input, context),
  };
}
