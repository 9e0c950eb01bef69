import type { Stream } from "./shell.ts";

/**
 * The one owner of a terminal's last lines: text scrolls by above, a few lines below are drawn again in place.
 *
 * The cursor stays visible and at the end of what is drawn, so that a process that is killed leaves nothing to mend.
 */
export class Screen {
  readonly #stream: Stream;
  #drawn = 0;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** Lines that stay, then the ones that change; in one write, so that nothing flickers. */
  update(staying: readonly string[], changing: readonly string[]): void {
    const kept = staying.map((line) => `${line}\n`).join("");
    const lines = changing.map((line) => `${line}\n`).join("");
    this.#stream.write(`${this.#erase()}${kept}${lines}`);
    this.#drawn = changing.length;
  }

  /** Takes away what changes; what stays, stays. */
  clear(): void {
    const text = this.#erase();
    if (text !== "") this.#stream.write(text);
    this.#drawn = 0;
  }

  #erase(): string {
    return this.#drawn === 0 ? "" : `\r\u001b[${this.#drawn}A\u001b[J`;
  }
}
