/** The log stream of one execution environment. */
export interface FunctionLog {
  /** Appends one record. */
  line(text: string): void;
  /** Forgets the tail, so that it begins with the next record. */
  beginTail(): void;
  /** The last 4 KB since `beginTail`, in base64. Source: Lambda Invoke, LogType Tail. */
  tail(): string;
}

const tailBytes = 4096;

export function createFunctionLog(append: (text: string) => void): FunctionLog {
  let lines: string[] = [];
  let bytes = 0;
  return {
    line(text) {
      append(text);
      lines.push(text);
      bytes += Buffer.byteLength(text) + 1;
      while (lines.length > 1 && bytes - Buffer.byteLength(lines[0] ?? "") - 1 > tailBytes) {
        bytes -= Buffer.byteLength(lines.shift() ?? "") + 1;
      }
    },
    beginTail() {
      lines = [];
      bytes = 0;
    },
    tail() {
      const text = Buffer.from(lines.map((line) => `${line}\n`).join(""));
      return text.subarray(Math.max(0, text.length - tailBytes)).toString("base64");
    },
  };
}

/** Figures of one invocation for its REPORT record; times in ms. */
export interface InvocationReport {
  readonly requestId: string;
  readonly durationMs: number;
  /** Null: the environment was warm. */
  readonly initMs: number | null;
  readonly memorySize: number;
  /** Null when the system does not tell. */
  readonly peakMemoryMb: number | null;
  /** Null: no error. */
  readonly status: { readonly name: "error" | "timeout"; readonly errorType: string | null } | null;
}

/** The REPORT record; fields are separated by tabs. The billed time includes the initialisation. Source: Lambda logs. */
export function reportLine(report: InvocationReport): string {
  const fields = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${report.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(report.durationMs + (report.initMs ?? 0))} ms`,
    `Memory Size: ${report.memorySize} MB`,
  ];
  if (report.peakMemoryMb !== null)
    fields.push(`Max Memory Used: ${Math.min(report.peakMemoryMb, report.memorySize)} MB`);
  if (report.initMs !== null) fields.push(`Init Duration: ${report.initMs.toFixed(2)} ms`);
  if (report.status !== null) fields.push(`Status: ${report.status.name}`);
  if (report.status !== null && report.status.errorType !== null)
    fields.push(`Error Type: ${report.status.errorType}`);
  return `${fields.join("\t")}\t`;
}

/** Name of a new log stream: day (UTC), version and 32 hexadecimal digits. */
export function logStreamName(atMs: number, version: string, hex: string): string {
  const day = new Date(atMs).toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/[${version}]${hex}`;
}
