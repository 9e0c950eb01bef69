import { ApiError } from "../api-error.ts";
import { type Input, records, text } from "../input.ts";
import { missing, sqsError } from "./sqs-errors.ts";

const space = "AWS.SimpleQueueService.";

function entriesOf(input: Input): readonly Input[] {
  const entries = records(input, "Entries");
  if (entries === undefined) throw missing("Entries");
  if (entries.length === 0) {
    throw sqsError(
      "EmptyBatchRequest",
      "There should be at least one SendMessageBatchRequestEntry in the request.",
      `${space}EmptyBatchRequest`,
    );
  }
  if (entries.length > 10) {
    throw sqsError(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
      `${space}TooManyEntriesInBatchRequest`,
    );
  }
  const ids = entries.map((entry) => text(entry, "Id") ?? "");
  const bad = ids.find((id) => !/^[a-zA-Z0-9_-]{1,80}$/.test(id));
  if (bad !== undefined) {
    throw sqsError(
      "InvalidBatchEntryId",
      "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
      `${space}InvalidBatchEntryId`,
    );
  }
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw sqsError("BatchEntryIdsNotDistinct", `Id ${twice} repeated.`, `${space}BatchEntryIdsNotDistinct`);
  }
  return entries;
}

/** Does every entry of a batch by itself: what fails is listed and does not stop the others. */
export function eachEntry(input: Input, work: (entry: Input) => Record<string, unknown>): unknown {
  const successful: unknown[] = [];
  const failed: unknown[] = [];
  for (const entry of entriesOf(input)) {
    const id = text(entry, "Id");
    try {
      successful.push({ Id: id, ...work(entry) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failed.push({ Id: id, SenderFault: true, Code: error.queryCode, Message: error.message });
    }
  }
  return { Successful: successful, ...(failed.length === 0 ? {} : { Failed: failed }) };
}
