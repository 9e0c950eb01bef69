/** The journal, or a lock of it, cannot be used as it is; the message says what to do. Exit code 3. */
export class JournalUnusable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "JournalUnusable";
  }
}
