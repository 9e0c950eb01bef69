/** A line of the matrix of Go programs, its cells in this order. */
export interface GoRow {
  /** Of Go: "1.19". */
  readonly version: string;
  readonly architecture: string;
  readonly name: string;
  readonly way: string;
  readonly refuse: string;
  readonly timeout: string;
  readonly hang: string;
}

const head = `<!-- Written by its test: UNPLUG_WRITE_MATRIX=1 npm run test:long -- test/interception/go-matrix.long.test.ts -->
# What a patch does to a Go program

Each row is a real program that was patched and connected, in one process, to servers that were blocked (by name, by \`*.suffix\`,
by what an alias stands for, by an IPv6 address's name, by a name whose answer is too long for a datagram, by port, range and
address) and to servers that were not. It shows what the program saw of a blocked connection; the others connected. "hang" is
what the program saw when its own limit ended the wait. Without a configuration everything connected, and with one that blocks
everything nothing did but what is exempt. The rows of arm64 ran under qemu. The first and the last release are tried by
\`npm run test:long\`, those between by \`npm run deep\`.

| Go | Architecture | Built with | Way to connect | refuse | timeout | hang |
| --- | --- | --- | --- | --- | --- | --- |
`;

export function goKeyOf({ version, architecture, name, way }: GoRow): string {
  return [version, architecture, name, way].join(" | ");
}

export function renderGoPage(rows: readonly GoRow[]): string {
  const lines = rows.map(
    (row) => `| ${goKeyOf(row)} | ${[row.refuse, row.timeout, row.hang].join(" | ")} |\n`,
  );
  return head + lines.join("");
}

export function readGoPage(text: string): readonly GoRow[] {
  return text.split("\n").flatMap((line) => {
    const cells = line.split(" | ");
    const [version = "", architecture = "", name = "", way = "", refuse = "", timeout = "", hang = ""] =
      cells;
    if (cells.length !== 7 || !version.startsWith("| 1.")) return [];
    return { version: version.slice(2), architecture, name, way, refuse, timeout, hang: hang.slice(0, -2) };
  });
}
