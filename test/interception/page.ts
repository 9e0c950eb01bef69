/** A line of the support matrix, its cells in this order. */
export interface Row {
  readonly name: string;
  readonly way: string;
  readonly libc: string;
  readonly architecture: string;
  /** Of the machine on which the page was written; others are held to the rest alone. */
  readonly version: string;
  readonly refuse: string;
  readonly timeout: string;
  readonly hang: string;
}

const head = `<!-- Written by its test: UNPLUG_WRITE_MATRIX=1 npm run test:long -- test/interception/matrix.long.test.ts -->
# What the interceptor does to a program

Each row is a real program that was started with the interceptor and connected, in one process, to servers that were
blocked (by name, IPv4 address and IPv6 address) and to servers that were not. It shows what the program saw of a blocked
connection; the others connected. "hang" is what the program saw when its own limit ended the wait. The version is that of
the interpreter, else of the libc. The rows of arm64 ran under qemu. A test repeats all of it, also without the interceptor,
where everything connects.

| Program | Way to connect | libc | Architecture | Version | refuse | timeout | hang |
| --- | --- | --- | --- | --- | --- | --- | --- |
`;

const foot = `
A static program has no dynamic linker, which is what loads the interceptor; \`unplug exec\` refuses it. A Go program makes its
system calls without libc, also when it is linked with it: preloading does nothing to it, and [a patch](go-matrix.md) does.

PHP loads its shared extensions so that each finds libc before it finds the interceptor (\`RTLD_DEEPBIND\`): what connects by
itself in one, as \`sockets\` and \`curl\` do, is not reached. Streams, and all that is built on them, are.
`;

/** What stands in a row of a program that is not reached. */
export const notReached = "connects: not reached";

export function keyOf({
  name,
  way,
  libc,
  architecture,
}: Omit<Row, "version" | "refuse" | "timeout" | "hang">) {
  return [name, way, libc, architecture].join(" | ");
}

export function renderPage(rows: readonly Row[]): string {
  const lines = rows.map(
    (row) => `| ${keyOf(row)} | ${[row.version, row.refuse, row.timeout, row.hang].join(" | ")} |`,
  );
  return `${head}${lines.join("\n")}\n${foot}`;
}

/** The rows of a page, by key. */
export function readPage(text: string): ReadonlyMap<string, Row> {
  const rows = text.split("\n").map(readRow);
  return new Map(rows.filter((row) => row !== null).map((row) => [keyOf(row), row]));
}

function readRow(line: string): Row | null {
  const cells = line.split(" | ");
  const [
    name = "",
    way = "",
    libc = "",
    architecture = "",
    version = "",
    refuse = "",
    timeout = "",
    hang = "",
  ] = cells;
  if (cells.length !== 8 || name === "| Program" || name === "| ---") return null;
  return { name: name.slice(2), way, libc, architecture, version, refuse, timeout, hang: hang.slice(0, -2) };
}
