import { ApiError } from "../api-error.ts";
import { isRecord } from "../input.ts";
import type { StoredTable } from "./table-store.ts";

/** An item: attributes with their types, as on the wire. */
export type Item = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function namesOf({ keys }: StoredTable): readonly string[] {
  return keys.flatMap((one) =>
    isRecord(one) && typeof one["AttributeName"] === "string" ? [one["AttributeName"]] : [],
  );
}

/** The attributes of an item that are its key. */
export function keyAttributes(table: StoredTable, item: Item): Item {
  return Object.fromEntries(namesOf(table).flatMap((name) => (item[name] ? [[name, item[name]]] : [])));
}

/** A text that is the same for the same key. Throws DynamoDB's 400 when an attribute of it is missing or of another type. */
export function keyOf(table: StoredTable, item: Item, isKeyOnly: boolean): string {
  const names = namesOf(table);
  const parts = names.map((name) => {
    const wanted = table.attributes.find((one) => isRecord(one) && one["AttributeName"] === name);
    const type = isRecord(wanted) ? String(wanted["AttributeType"]) : "S";
    const value = item[name]?.[type];
    if (value === undefined && !isKeyOnly) {
      const words =
        item[name] === undefined
          ? `Missing the key ${name} in the item`
          : `Type mismatch for key ${name} expected: ${type} actual: ${Object.keys(item[name])[0]}`;
      throw new ApiError(400, "ValidationException", `One or more parameter values were invalid: ${words}`, {
        type: null,
      });
    }
    return value;
  });
  const foreign = isKeyOnly && Object.keys(item).length !== names.length;
  if (foreign || parts.includes(undefined)) {
    throw new ApiError(400, "ValidationException", "The provided key element does not match the schema", {
      type: null,
    });
  }
  return JSON.stringify(parts);
}
