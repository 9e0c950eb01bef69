import { BitWriter } from "./bit-writer.ts";
import { writeBlock } from "./deflate-block.ts";
import { RollingBytes } from "./rolling-bytes.ts";

const WINDOW = 32_768;
/** Two copies, of which the second begins one byte later, and the bytes that a hash is made of. */
const AHEAD = 1024;
const SHORTEST = 3;
const LONGEST = 258;
const BLOCK_TOKENS = 32_768;
/** How many places are looked at for the longest copy, and which length is good enough: what is long is done in bearable time. */
const effort = (length: number) =>
  length <= 1_048_576 ? { looks: 128, good: LONGEST } : { looks: 8, good: 16 };

/**
 * The bytes, deflated (RFC 1951): always the same, on every machine and with every version of Node.js, which no zlib promises.
 */
export function deflate(bytes: Uint8Array): Buffer {
  return atOnce(deflateInSteps([bytes]));
}

/** Does all steps of something, one after the other. */
export function atOnce<Made>(steps: Generator<void, Made>): Made {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** As `deflate`, of parts as if they were one, some milliseconds a step: whoever goes on with something else between them is not kept from it. */
export function* deflateInSteps(parts: readonly Uint8Array[]): Generator<void, Buffer> {
  const out = new BitWriter();
  const input = new RollingBytes(parts, WINDOW, AHEAD);
  const finder = new CopyFinder(input);
  const most = Math.min(input.length, BLOCK_TOKENS);
  const values = new Uint16Array(most);
  const distances = new Uint16Array(most);
  let count = 0;
  for (let at = 0; at < input.length; ) {
    input.reach(at);
    const distance = finder.isBetterNow(at) ? finder.distance : 0;
    values[count] = distance === 0 ? (input.bytes[at - input.base] ?? 0) : finder.length;
    distances[count] = distance;
    at += distance === 0 ? 1 : finder.length;
    count += 1;
    if (count < BLOCK_TOKENS || at >= input.length) continue;
    writeBlock(out, { count, values, distances }, false);
    count = 0;
    yield;
  }
  writeBlock(out, { count, values, distances }, true);
  return out.bytes();
}

/** Where the same bytes stood before. */
class CopyFinder {
  /** Of the copy that was found last. */
  length = 0;
  distance = 0;
  readonly #input: RollingBytes;
  readonly #looks: number;
  readonly #good: number;
  /** By hash: the last place with it, plus one; and by place the one before with the same hash. */
  readonly #last = new Int32Array(WINDOW);
  readonly #before = new Int32Array(WINDOW);
  #known = 0;
  #foundAt = -1;
  #foundLength = 0;
  #foundDistance = 0;

  constructor(input: RollingBytes) {
    this.#input = input;
    const { looks, good } = effort(input.length);
    this.#looks = looks;
    this.#good = good;
  }

  /** Finds the longest copy for `at`; false where there is none, or one byte later is a longer one. */
  isBetterNow(at: number): boolean {
    if (!this.#find(at)) return false;
    const { length, distance } = this;
    if (length < this.#good && this.#find(at + 1) && this.length > length) return false;
    this.length = length;
    this.distance = distance;
    return true;
  }

  /** Whether there is a copy for `at` that is worth it; `length` and `distance` are of the best one. */
  #find(at: number): boolean {
    // What was looked for one byte ahead is asked for next.
    if (this.#foundAt !== at) this.#look(at);
    this.#foundAt = at;
    this.length = this.#foundLength;
    this.distance = this.#foundDistance;
    // Three bytes from far away cost more than they save.
    return this.length > SHORTEST || (this.length === SHORTEST && this.distance <= 4096);
  }

  #look(at: number): void {
    this.#learn(at);
    const { bytes, base, length: all } = this.#input;
    const [before, good, from] = [this.#before, this.#good, at - base];
    const most = Math.min(LONGEST, all - at);
    let [best, distance] = [SHORTEST - 1, 0];
    let place = most < SHORTEST ? -1 : (this.#last[this.#hash(at)] ?? 0) - 1;
    for (let left = this.#looks; left > 0 && place >= 0 && at - place <= WINDOW; left -= 1) {
      const to = place - base;
      if (place < at && bytes[to + best] === bytes[from + best]) {
        let length = 0;
        while (length < most && bytes[to + length] === bytes[from + length]) length += 1;
        if (length > best) {
          best = length;
          distance = at - place;
          if (length >= good || length === most) break;
        }
      }
      place = (before[place % WINDOW] ?? 0) - 1;
    }
    this.#foundLength = best;
    this.#foundDistance = distance;
  }

  /** Takes in the places before `at`. */
  #learn(at: number): void {
    const end = Math.min(at, this.#input.length - SHORTEST + 1);
    for (; this.#known < end; this.#known += 1) {
      const hash = this.#hash(this.#known);
      this.#before[this.#known % WINDOW] = this.#last[hash] ?? 0;
      this.#last[hash] = this.#known + 1;
    }
  }

  #hash(place: number): number {
    const { bytes, base } = this.#input;
    const at = place - base;
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    return Math.imul(word, 0x9e3779b1) >>> 17;
  }
}
