import { ApiError } from "../api-error.ts";
import { type Input, records, text } from "../input.ts";
import { missing, prefixedError } from "./sqs-errors.ts";

const mostEntries = 10;

function entriesOf(input: Input, operation: string): readonly Input[] {
  const entries = records(input, "Entries");
  if (entries === undefined) throw missing("Entries");
  if (entries.length === 0) {
    throw prefixedError(
      "EmptyBatchRequest",
      `There should be at least one ${operation}RequestEntry in the request.`,
    );
  }
  if (entries.length > mostEntries) {
    throw prefixedError(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are ${mostEntries}. You have sent ${entries.length}.`,
    );
  }
  const ids = entries.map((entry) => text(entry, "Id") ?? "");
  if (ids.some((id) => !/^[a-zA-Z0-9_-]{1,80}$/.test(id))) {
    throw prefixedError(
      "InvalidBatchEntryId",
      "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    );
  }
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw prefixedError("BatchEntryIdsNotDistinct", `Id ${twice} repeated.`);
  return entries;
}

/** What a batch is done with. */
export interface BatchWork {
  /** Of the API, e.g. SendMessageBatch. */
  readonly operation: string;
  /** Throws for what fails the batch as a whole. */
  readonly checkAll?: (entries: readonly Input[]) => void;
  /** Throws for what fails one entry. */
  readonly each: (entry: Input) => Record<string, unknown>;
}

/** Does every entry of a batch by itself: what fails is listed and does not stop the others. */
export function eachEntry(input: Input, { operation, checkAll, each }: BatchWork): Record<string, unknown> {
  const entries = entriesOf(input, operation);
  checkAll?.(entries);
  const successful: unknown[] = [];
  const failed: unknown[] = [];
  for (const entry of entries) {
    const id = text(entry, "Id");
    try {
      successful.push({ Id: id, ...each(entry) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failed.push({ Id: id, SenderFault: true, Code: error.queryCode, Message: error.message });
    }
  }
  return {
    ...(successful.length === 0 ? {} : { Successful: successful }),
    ...(failed.length === 0 ? {} : { Failed: failed }),
  };
}
