import type { TableStore } from "./dynamodb/table-store.ts";
import type { StreamStore } from "./kinesis/stream-store.ts";
import type { FunctionStore } from "./lambda/function-store.ts";
import type { StreamPlace } from "./lambda/stream-mappings.ts";
import { kinesisReader, type StreamReader, tableReader } from "./stream-reader.ts";

interface StreamStores {
  readonly functions: FunctionStore;
  readonly streams: StreamStore;
  readonly tables: TableStore;
}

/** The stream that a mapping reads, in the name of its function's role; null when it is not there. */
export function mappingStream(
  { functions, streams, tables }: StreamStores,
  mapping: StreamPlace,
): StreamReader | null {
  const { streamArn, functionArn, region, account } = mapping;
  const table = tables.byStream(streamArn);
  if (table !== undefined) return tableReader(table);
  const stream = streams.find(streamArn);
  const name = functionArn.split(":")[6] ?? "";
  const role = functions.find({ region, account }, name)?.latest.shown.settings.role ?? "";
  return stream === undefined ? null : kinesisReader(stream, role);
}
