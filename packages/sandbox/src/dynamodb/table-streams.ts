import { ApiError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { type Input, needText, text } from "../input.ts";
import { shardIdOf } from "./item-changes.ts";
import type { StoredTable, TableStore } from "./table-store.ts";

interface Parts {
  readonly tables: TableStore;
}

function described(table: StoredTable): Record<string, unknown> {
  const { stream, streaming } = table;
  return {
    StreamArn: stream?.arn,
    StreamLabel: stream?.label,
    StreamStatus: streaming ? "ENABLED" : "DISABLED",
    StreamViewType: stream?.viewType,
    CreationRequestDateTime: Date.parse(`${stream?.label ?? ""}Z`) / 1000,
    TableName: table.name,
    KeySchema: table.keys,
    Shards: [
      {
        ShardId: shardIdOf(table),
        SequenceNumberRange: { StartingSequenceNumber: "100000000000000000001" },
      },
    ],
  };
}

function withStream(parts: Parts, input: Input): StoredTable {
  const arn = needText(input, "StreamArn");
  const table = parts.tables.byStream(arn);
  if (table !== undefined) return table;
  throw new ApiError(
    400,
    "ResourceNotFoundException",
    `Requested resource not found: Stream: ${arn} not found`,
    { type: null },
  );
}

function listed(parts: Parts, input: Input, context: CallContext): unknown {
  const only = text(input, "TableName");
  const tables = parts.tables.of(context).filter(({ name }) => only === undefined || name === only);
  return {
    Streams: tables.flatMap(({ name, stream }) =>
      stream === null ? [] : [{ StreamArn: stream.arn, StreamLabel: stream.label, TableName: name }],
    ),
  };
}

/** The streams of tables: they have one shard; only mappings read what is in it. */
export function tableStreamHandlers(parts: Parts): Handlers {
  return {
    DescribeStream: (input) => ({ StreamDescription: described(withStream(parts, input)) }),
    ListStreams: (input, context) => listed(parts, input, context),
  };
}
