/** What `jsonencode(…)` in a Terraform file is handed; throws where it is no HCL of objects, lists and texts. */
export function hclValueIn(source: string): unknown {
  const start = source.indexOf("jsonencode(");
  if (start < 0) throw new Error("There is no jsonencode( in it.");
  const reader = new Reader(source, start + "jsonencode(".length);
  const value = reader.value();
  reader.expect(")");
  return value;
}

class Reader {
  readonly #source: string;
  #at: number;

  constructor(source: string, at: number) {
    this.#source = source;
    this.#at = at;
  }

  value(): unknown {
    const next = this.#peek();
    if (next === "{") return this.#object();
    return next === "[" ? this.#list() : this.#text();
  }

  expect(sign: string): void {
    if (this.#peek() !== sign)
      throw new Error(`Expected ${sign} at ${this.#source.slice(this.#at, this.#at + 40)}`);
    this.#at += 1;
  }

  #object(): Record<string, unknown> {
    const found: [string, unknown][] = [];
    for (this.expect("{"); this.#peek() !== "}"; ) {
      const name = this.#peek() === '"' ? this.#text() : this.#match(/[A-Za-z_][\w-]*/y);
      this.expect("=");
      found.push([name, this.value()]);
      this.#match(/[ \t]*\n/y);
    }
    this.expect("}");
    return Object.fromEntries(found);
  }

  #list(): unknown[] {
    const found: unknown[] = [];
    for (this.expect("["); this.#peek() !== "]"; this.expect(",")) found.push(this.value());
    this.expect("]");
    return found;
  }

  #text(): string {
    this.#peek();
    const quoted = this.#match(/"(?:[^"\\\n]|\\.)*"/y);
    const open = /(?<![$%])(?:\$\$|%%)*[$%]\{/.exec(quoted.replaceAll(/\$\$\{|%%\{/g, ""));
    if (open !== null) throw new Error(`A template opens in ${quoted}`);
    return String(JSON.parse(quoted.replaceAll(/([$%])\1\{/g, "$1{")));
  }

  #peek(): string | undefined {
    this.#match(/\s*/y);
    return this.#source[this.#at];
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found === null)
      throw new Error(`Expected ${pattern} at ${this.#source.slice(this.#at, this.#at + 40)}`);
    this.#at = pattern.lastIndex;
    return found[0];
  }
}
