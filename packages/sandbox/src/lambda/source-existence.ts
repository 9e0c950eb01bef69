import { invalidParameter } from "../api-error.ts";
import type { Place } from "../arns.ts";
import type { SourceKind } from "../timing.ts";

/** Whether sources exist that this cloud has itself. */
export interface Sources {
  /** By the ARN of the queue. */
  readonly queueExists: (arn: string) => boolean;
  /** By the ARN of a Kinesis stream. */
  readonly streamExists: (arn: string) => boolean;
  /** By the ARN of a table's stream. */
  readonly tableStreamExists: (arn: string) => boolean;
}

/**
 * The queue or stream that a mapping reads has to exist, a queue also in the region of the function; other kinds of
 * source are not part of this cloud and are taken as they are. Throws Lambda's 400s. Source: recorded answers of Lambda.
 */
export function checkSource(kind: SourceKind, arn: string, place: Place, sources: Sources): void {
  if (kind === "sqs") {
    if (arn.split(":")[3] !== place.region) {
      throw invalidParameter(
        `Event source and function must be in the same region: ${arn} is not in ${place.region}.`,
      );
    }
    if (sources.queueExists(arn)) return;
    throw invalidParameter(
      "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.",
    );
  }
  const [stream = arn] = arn.split("/consumer/");
  const exists =
    kind === "kinesis"
      ? sources.streamExists(stream)
      : kind === "dynamodb"
        ? sources.tableStreamExists(arn)
        : true;
  if (!exists) throw invalidParameter(`Stream not found: ${arn}`);
}
