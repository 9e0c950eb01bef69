import type { Io } from "../contract/io.ts";
import type { EventSource } from "./event-source.ts";

const HOUR_MS = 3_600_000;

/** How long a source keeps what nobody reads; null when AWS does not say or we may not ask. */
export async function findRetention(source: EventSource, io: Io): Promise<number | null> {
  if (source.kind !== "Kinesis" || source.arn === null) return source.retentionMs;
  try {
    const { StreamDescriptionSummary: found } = await io.aws.call(
      "kinesis:DescribeStreamSummary",
      { StreamARN: source.arn },
      io.signal,
    );
    const hours = found?.RetentionPeriodHours;
    return hours === undefined ? null : hours * HOUR_MS;
  } catch {
    // Optional: it only sharpens a warning.
    return null;
  }
}
