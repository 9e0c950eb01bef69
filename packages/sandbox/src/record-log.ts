/** What a stream keeps, oldest first; plain data. */
export interface RecordLog<T extends LoggedRecord> {
  /** The position of the record that comes next; positions start at 1 and are never given out twice. */
  next: number;
  records: T[];
}

export interface LoggedRecord {
  readonly position: number;
  readonly shardId: string;
  readonly arrivalMs: number;
}

/** The most records that a stream keeps: what is older goes, however long it was to be kept. */
const mostRecords = 100_000;

export function emptyLog<T extends LoggedRecord>(): RecordLog<T> {
  return { next: 1, records: [] };
}

/** Adds what is made for the next position, and drops what is older than `keepMs`. */
export function appendRecord<T extends LoggedRecord>(
  log: RecordLog<T>,
  keepMs: number,
  make: (position: number) => T,
): T {
  const made = make(log.next);
  log.next += 1;
  log.records.push(made);
  const stale = log.records.findIndex((one) => one.arrivalMs > made.arrivalMs - keepMs);
  const surplus = Math.max(stale, log.records.length - mostRecords);
  if (surplus > 0) log.records.splice(0, surplus);
  return made;
}

/** The records of a shard from a position on, oldest first. */
export function recordsFrom<T extends LoggedRecord>(
  { records }: RecordLog<T>,
  shardId: string,
  position: number,
  most: number,
): readonly T[] {
  const found: T[] = [];
  // Positions grow by one, so that the place of one follows from the first.
  const first = records[0]?.position ?? 0;
  for (let at = Math.max(0, position - first); at < records.length && found.length < most; at++) {
    const record = records[at];
    if (record !== undefined && record.shardId === shardId) found.push(record);
  }
  return found;
}
