/** Bits one after the other, each byte filled from its lowest bit on. */
export class BitWriter {
  #bytes = Buffer.alloc(65_536);
  #length = 0;
  #held = 0;
  #count = 0;

  /** `count`: at most 24. */
  write(bits: number, count: number): void {
    this.#held |= bits << this.#count;
    this.#count += count;
    while (this.#count >= 8) this.#push();
  }

  /** All of them; the last byte is filled up with zeros. */
  bytes(): Buffer {
    if (this.#count > 0) this.#push();
    return this.#bytes.subarray(0, this.#length);
  }

  #push(): void {
    if (this.#length === this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length)]);
    }
    this.#bytes[this.#length] = this.#held & 0xff;
    this.#length += 1;
    this.#held >>>= 8;
    this.#count = Math.max(0, this.#count - 8);
  }
}
