import { ApiError, validationError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { flag, type Input, needText, numeric, record, records, text } from "../input.ts";
import { emptyLog } from "../record-log.ts";
import type { Timing } from "../timing.ts";
import { type StoredTable, type TableStore, type TableStream, tableArn } from "./table-store.ts";

interface Parts {
  readonly tables: TableStore;
  readonly ids: Ids;
  readonly timing: Timing;
}

function refused(code: string, message: string): ApiError {
  return new ApiError(400, code, message, { type: null });
}

/** The table that an input names, by name or by ARN; throws DynamoDB's 400 when there is none. */
export function tableOf(parts: Pick<Parts, "tables">, input: Input, context: CallContext): StoredTable {
  const name = needText(input, "TableName");
  const found = parts.tables.find(name.startsWith("arn:") ? name : tableArn(context, name));
  if (found !== undefined) return found;
  throw refused("ResourceNotFoundException", `Requested resource not found: Table: ${name} not found`);
}

/** Starts or ends the stream of a table as a StreamSpecification asks. */
function setStream(table: StoredTable, input: Input, now: number): void {
  const wanted = record(input, "StreamSpecification");
  if (wanted === undefined) return;
  const enabled = flag(wanted, "StreamEnabled") === true;
  if (enabled && table.streaming) {
    throw refused("ValidationException", `Table already has an enabled stream: TableName: ${table.name}`);
  }
  table.streaming = enabled;
  if (!enabled) return;
  const label = new Date(now).toISOString().replace("Z", "");
  const viewType = text(wanted, "StreamViewType") ?? "NEW_AND_OLD_IMAGES";
  table.stream = { arn: `${table.arn}/stream/${label}`, label, viewType, log: emptyLog() };
}

function capacityOf(input: Input): StoredTable["capacity"] {
  if (text(input, "BillingMode") === "PAY_PER_REQUEST") return null;
  const given = record(input, "ProvisionedThroughput");
  if (given === undefined) {
    throw refused(
      "ValidationException",
      "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
    );
  }
  return {
    reads: numeric(given, "ReadCapacityUnits") ?? 1,
    writes: numeric(given, "WriteCapacityUnits") ?? 1,
  };
}

function create(parts: Parts, input: Input, context: CallContext): unknown {
  const name = needText(input, "TableName");
  if (!/^[a-zA-Z0-9_.-]{3,255}$/.test(name)) {
    throw validationError(
      name,
      "tableName",
      "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+, with 3 to 255 characters",
    );
  }
  const arn = tableArn(context, name);
  if (parts.tables.find(arn) !== undefined) {
    throw refused("ResourceInUseException", `Table already exists: ${name}`);
  }
  const table: StoredTable = {
    name,
    arn,
    id: parts.ids.uuid(),
    createdMs: context.now,
    attributes: records(input, "AttributeDefinitions") ?? [],
    keys: records(input, "KeySchema") ?? [],
    capacity: capacityOf(input),
    activeAt: context.now + parts.timing.functionCreate,
    stream: null,
    streaming: false,
    items: new Map(),
  };
  setStream(table, input, context.now);
  parts.tables.add(table);
  return { TableDescription: tableView(table, "CREATING") };
}

function streamView({ label, arn, viewType }: TableStream, streaming: boolean): Record<string, unknown> {
  return {
    LatestStreamLabel: label,
    LatestStreamArn: arn,
    ...(streaming ? { StreamSpecification: { StreamEnabled: true, StreamViewType: viewType } } : {}),
  };
}

function tableView(table: StoredTable, status: string): Record<string, unknown> {
  const { capacity, stream } = table;
  const settled = status !== "CREATING";
  const createdAt = table.createdMs / 1000;
  return {
    TableName: table.name,
    TableArn: table.arn,
    TableId: table.id,
    TableStatus: status,
    CreationDateTime: createdAt,
    AttributeDefinitions: table.attributes,
    KeySchema: table.keys,
    ItemCount: table.items.size,
    TableSizeBytes: 0,
    DeletionProtectionEnabled: false,
    ProvisionedThroughput: {
      NumberOfDecreasesToday: 0,
      ReadCapacityUnits: capacity?.reads ?? 0,
      WriteCapacityUnits: capacity?.writes ?? 0,
    },
    ...(capacity === null
      ? {
          BillingModeSummary: {
            BillingMode: "PAY_PER_REQUEST",
            ...(settled ? { LastUpdateToPayPerRequestDateTime: createdAt } : {}),
          },
        }
      : {}),
    ...(settled
      ? {
          WarmThroughput: {
            ReadUnitsPerSecond: capacity?.reads ?? 12_000,
            WriteUnitsPerSecond: capacity?.writes ?? 4000,
            Status: "ACTIVE",
          },
        }
      : {}),
    ...(stream === null ? {} : streamView(stream, table.streaming)),
  };
}

/** DynamoDB's operations on tables themselves. */
export function tableHandlers(parts: Parts): Handlers {
  return {
    CreateTable: (input, context) => create(parts, input, context),
    DescribeTable: (input, context) => {
      const table = tableOf(parts, input, context);
      return { Table: tableView(table, context.now < table.activeAt ? "CREATING" : "ACTIVE") };
    },
    UpdateTable: (input, context) => {
      const table = tableOf(parts, input, context);
      setStream(table, input, context.now);
      return { TableDescription: tableView(table, "UPDATING") };
    },
    ListTables: (_input, context) => ({ TableNames: parts.tables.of(context).map(({ name }) => name) }),
    DeleteTable: (input, context) => {
      const table = tableOf(parts, input, context);
      parts.tables.remove(table);
      return { TableDescription: tableView(table, "DELETING") };
    },
  };
}
