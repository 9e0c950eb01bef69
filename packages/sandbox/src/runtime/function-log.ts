/** The log stream of one execution environment. */
export interface FunctionLog {
  /** Appends one record; in the log it ends with a line break, unless that is to be left out. */
  line(text: string, end?: "" | "\n"): void;
  /** Appends one record that does not belong to the tail. */
  aside(text: string): void;
  /** Forgets the tail, so that it begins with the next record. */
  beginTail(): void;
  /** The last 4 KB since `beginTail`, in base64. Source: Lambda Invoke, LogType Tail. */
  tail(): string;
}

const tailBytes = 4096;

export function createFunctionLog(append: (text: string) => void): FunctionLog {
  let records: string[] = [];
  let bytes = 0;
  return {
    line(text, end = "\n") {
      append(`${text}${end}`);
      // The tail is always told line by line.
      const record = `${text}\n`;
      records.push(record);
      bytes += Buffer.byteLength(record);
      while (records.length > 1 && bytes - Buffer.byteLength(records[0] ?? "") > tailBytes) {
        bytes -= Buffer.byteLength(records.shift() ?? "");
      }
    },
    aside: (text) => append(`${text}\n`),
    beginTail() {
      records = [];
      bytes = 0;
    },
    tail() {
      const text = Buffer.from(records.join(""));
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

/** The record with which an environment begins. `arn` is that of the runtime's version. Source: Lambda logs. */
export function initStartLine(runtime: string, arn: string): string {
  const [, language = runtime, version = ""] = /^([a-z]+)([\d.a-z]*?)(?:\.x)?$/.exec(runtime) ?? [];
  return `INIT_START Runtime Version: ${language}:${version.replace(/^\./, "")}.v1\tRuntime Version ARN: ${arn}`;
}

/**
 * Writes one line of a process into its log. The managed runtimes print each of their records as one line, with the
 * control character RS for a line break inside and US at the end when no line break is to follow; Lambda takes such
 * records over a descriptor of their own.
 */
export function writeOutput(log: FunctionLog, line: string, kind: "managed" | "os" | "image"): void {
  if (kind !== "managed") return log.line(line);
  const text = line.replaceAll("\x1e", "\n");
  if (text.endsWith("\x1f")) log.line(text.slice(0, -1), "");
  else log.line(text);
}
