import { OtherAccount } from "./one-account.ts";
import { Session, type SessionConfig } from "./session.ts";
import { within } from "./within.ts";

/** The session that calls are made with, and what takes its place. Calls that are under way keep theirs. */
export class Sessions {
  readonly #config: SessionConfig;
  #current: Session;
  /** Reads the source anew beside the current one. */
  #candidate: Session | null = null;

  constructor(config: SessionConfig) {
    this.#config = config;
    this.#current = new Session(config);
  }

  get current(): Session {
    return this.#current;
  }

  /** What many calls find out at the same time is mended once. */
  renew(used: Session): void {
    if (this.#current === used) this.#current = new Session(this.#config);
  }

  /**
   * A session with other keys than those that AWS did not know: their source may have been given new ones meanwhile. Null where it
   * gives the same, or none within `ms`; the session that is kept knows how far this machine's clock is off.
   */
  async withOtherKeys(used: Session, ms: number, signal: AbortSignal | undefined): Promise<Session | null> {
    const next = this.#current === used ? this.#reading() : this.#current;
    try {
      const keys = await within(ms, signal, "credentials", () => next.credentials());
      if (used.signsWith(keys)) return null;
    } catch (error) {
      this.renew(next);
      if (error instanceof OtherAccount) throw error;
      return null;
    } finally {
      if (this.#candidate === next) this.#candidate = null;
    }
    if (this.#current === used) this.#current = next;
    return next;
  }

  #reading(): Session {
    this.#candidate ??= new Session(this.#config);
    return this.#candidate;
  }
}
