import { isRecord } from "../input.ts";
import { appendRecord, type LoggedRecord } from "../record-log.ts";
import { type Item, keyAttributes } from "./item-keys.ts";
import type { StoredTable } from "./table-store.ts";

/** A change of an item, as the stream of its table tells it. */
export interface ItemChange extends LoggedRecord {
  readonly eventName: "INSERT" | "MODIFY" | "REMOVE";
  readonly keys: Item;
  /** Null: there is none, or the stream does not show it. */
  readonly before: Item | null;
  readonly after: Item | null;
  readonly sizeBytes: number;
}

const keptMs = 24 * 3_600_000;

/** Bytes of a value. Source: DynamoDB, item sizes and formats. */
function valueSize(value: unknown): number {
  if (!isRecord(value)) return 0;
  const [[type, content] = ["", null]] = Object.entries(value);
  if (type === "S") return Buffer.byteLength(String(content));
  if (type === "N") return Math.ceil(String(content).replace(/[-.]/g, "").length / 2) + 1;
  if (type === "B") return Buffer.from(String(content), "base64").length;
  if (type === "L" && Array.isArray(content)) {
    return content.reduce((sum: number, one) => sum + 1 + valueSize(one), 3);
  }
  if (type === "M" && isRecord(content)) {
    return Object.entries(content).reduce((sum, [name, one]) => sum + 1 + name.length + valueSize(one), 3);
  }
  if (Array.isArray(content)) {
    const element = type.charAt(0);
    return content.reduce((sum: number, one: unknown) => sum + valueSize({ [element]: one }), 0);
  }
  return 1;
}

function itemSize(item: Item | null): number {
  return Object.entries(item ?? {}).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value),
    0,
  );
}

export function shardIdOf({ createdMs, id }: StoredTable): string {
  return `shardId-${String(createdMs).padStart(20, "0")}-${id.slice(0, 8)}`;
}

/** A number that grows with the position. */
export function sequenceNumberOf(position: number): string {
  return String(100_000_000_000_000_000_000n + BigInt(position) * 100n);
}

/** Tells the stream of a table, if it has one, what became of an item; null: it was or is not there. */
export function logChange(table: StoredTable, before: Item | null, after: Item | null, now: number): void {
  const { stream, streaming } = table;
  const item = after ?? before;
  if (stream === null || !streaming || item === null) return;
  const keys = keyAttributes(table, item);
  const shown = {
    before: /OLD_IMAGE/.test(stream.viewType) ? before : null,
    after: /NEW_(AND_OLD_)?IMAGE/.test(stream.viewType) ? after : null,
  };
  appendRecord<ItemChange>(stream.log, keptMs, (position) => ({
    position,
    shardId: shardIdOf(table),
    arrivalMs: now,
    eventName: before === null ? "INSERT" : after === null ? "REMOVE" : "MODIFY",
    keys,
    ...shown,
    sizeBytes: itemSize(keys) + itemSize(shown.before) + itemSize(shown.after),
  }));
}
