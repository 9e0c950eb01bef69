/** So much is held, beside what must be there before and behind. */
const HELD_BYTES = 4_194_304;

/** Parts as if they were one, of which no more is held in one piece than is looked at. */
export class RollingBytes {
  /** Of all parts together. */
  readonly length: number;
  /** What is held, and where it begins in the whole. */
  readonly bytes: Uint8Array;
  base = 0;
  readonly #parts: readonly Uint8Array[];
  readonly #behind: number;
  readonly #ahead: number;
  #end = 0;
  #part = 0;
  #taken = 0;

  constructor(parts: readonly Uint8Array[], behind: number, ahead: number) {
    this.#parts = parts;
    this.#behind = behind;
    this.#ahead = ahead;
    this.length = parts.reduce((sum, { length }) => sum + length, 0);
    this.bytes = new Uint8Array(Math.min(this.length, HELD_BYTES + behind + ahead));
  }

  /** From here on so many bytes ahead are held, and so many behind. It only goes on. */
  reach(at: number): void {
    if (this.#end >= Math.min(this.length, at + this.#ahead)) return;
    const from = Math.max(this.base, at - this.#behind);
    this.bytes.copyWithin(0, from - this.base, this.#end - this.base);
    this.base = from;
    for (let part = this.#parts[this.#part]; part !== undefined; part = this.#parts[this.#part]) {
      const room = this.bytes.length - (this.#end - this.base);
      const next = part.subarray(this.#taken, this.#taken + room);
      this.bytes.set(next, this.#end - this.base);
      this.#end += next.length;
      this.#taken += next.length;
      if (this.#taken < part.length) return;
      this.#part += 1;
      this.#taken = 0;
    }
  }
}
