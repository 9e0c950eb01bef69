import { ImageProblem } from "./image-problem.ts";

/** Bytes that come one after the other, taken in the lengths that are wanted. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #most: number;
  #held: Uint8Array = new Uint8Array();
  #at = 0;
  #read = 0;

  /** `most`: how many bytes there may be in all. */
  constructor(chunks: AsyncIterable<Uint8Array>, most: number) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#most = most;
  }

  /** The next `length` bytes; null at the very end. */
  async take(length: number): Promise<Buffer | null> {
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const part = await this.#some(length - done);
      if (part === null && done === 0) return null;
      if (part === null) throw new ImageProblem("The layer ends in the middle of an entry.");
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }

  /** The next `length` bytes as they come, each piece good until the next is asked for. */
  async *pass(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      const part = await this.#some(left);
      if (part === null) throw new ImageProblem("The layer ends in the middle of a file.");
      left -= part.length;
      yield part;
    }
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      const part = await this.#some(left);
      if (part === null) throw new ImageProblem("The layer ends in the middle of a file.");
      left -= part.length;
    }
  }

  /** Reads and drops all that is left. */
  async drain(): Promise<void> {
    while ((await this.#some(Infinity)) !== null);
  }

  /** Nothing more is wanted: what brings the bytes may end. */
  async leave(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** Between one and `most` bytes; null at the end. */
  async #some(most: number): Promise<Uint8Array | null> {
    while (this.#at >= this.#held.length) {
      const next = await this.#chunks.next();
      if (next.done === true) return null;
      this.#held = next.value;
      this.#at = 0;
      this.#read += next.value.length;
      if (this.#read > this.#most) {
        throw new ImageProblem(
          `The layer is longer than ${this.#most} bytes when it is unpacked, which no function's image is.`,
        );
      }
    }
    const part = this.#held.subarray(this.#at, this.#at + most);
    this.#at += part.length;
    return part;
  }
}
