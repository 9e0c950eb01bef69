import type { Place } from "../arns.ts";
import type { RecordLog } from "../record-log.ts";
import type { ItemChange } from "./item-changes.ts";
import type { Item } from "./item-keys.ts";

/** The stream of a table: it stays known when it is switched off or its table is gone. */
export interface TableStream {
  readonly arn: string;
  /** The time of its creation, as in its ARN. */
  readonly label: string;
  readonly viewType: string;
  readonly log: RecordLog<ItemChange>;
}

/** A table and its items. */
export interface StoredTable {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly createdMs: number;
  readonly attributes: readonly unknown[];
  readonly keys: readonly unknown[];
  /** Null: paid per request. */
  readonly capacity: { readonly reads: number; readonly writes: number } | null;
  /** ACTIVE from then on. */
  activeAt: number;
  /** The newest stream; null when there never was one. */
  stream: TableStream | null;
  streaming: boolean;
  /** By a text of the key. */
  readonly items: Map<string, Item>;
}

/** The DynamoDB tables of a cloud. */
export interface TableStore {
  find(arn: string): StoredTable | undefined;
  add(table: StoredTable): void;
  remove(table: StoredTable): void;
  /** All of a place, by name. */
  of(place: Place): readonly StoredTable[];
  /** The table whose newest stream has this ARN. */
  byStream(arn: string): StoredTable | undefined;
}

export function tableArn(place: Place, name: string): string {
  return `arn:aws:dynamodb:${place.region}:${place.account}:table/${name}`;
}

/** `tables` by ARN. */
export function createTableStore(tables: Map<string, StoredTable>): TableStore {
  return {
    find: (arn) => tables.get(arn),
    add: (table) => {
      tables.set(table.arn, table);
    },
    remove: (table) => {
      tables.delete(table.arn);
    },
    of: (place) =>
      [...tables.values()]
        .filter((table) => table.arn.startsWith(tableArn(place, "")))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    byStream: (arn) => {
      const table = tables.get(arn.replace(/\/stream\/[^/]*$/, ""));
      return table?.stream?.arn === arn ? table : undefined;
    },
  };
}
