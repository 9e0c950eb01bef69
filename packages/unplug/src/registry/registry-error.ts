/**
 * What is known of a request that failed.
 *
 * `refused`: the registry said no, nothing changed. `unknown`: it may have been carried out, or may be yet. `unsent`: it never left.
 */
export type RequestOutcome = "refused" | "unknown" | "unsent";

/** A registry did not do what it was asked, or did not prove that it did. */
export class RegistryError extends Error {
  /**
   * The registry's own code (`MANIFEST_UNKNOWN`), the network's (`ECONNRESET`), or ours: `Aborted`, `Late`, `Unreadable`,
   * `WrongDigest`, `WrongSize`, `TooLarge`, `Redirected`, `BadName`.
   */
  readonly code: string;
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;
  readonly outcome: RequestOutcome;
  /** The registry's own words, on one line; empty where it had none, as in an answer to HEAD. */
  readonly said: string;

  constructor(
    message: string,
    facts: {
      readonly code: string;
      readonly status: number | null;
      readonly outcome: RequestOutcome;
      readonly said?: string;
    },
    cause?: unknown,
  ) {
    super(message, cause === undefined ? {} : { cause });
    this.name = "RegistryError";
    this.code = facts.code;
    this.status = facts.status;
    this.outcome = facts.outcome;
    this.said = facts.said ?? "";
  }
}

/** The registry's answer cannot be meant so: it says nothing of what was done. */
export function unreadable(message: string, status: number | null, code = "Unreadable"): RegistryError {
  return new RegistryError(message, { code, status, outcome: "unknown" });
}

/** The same failure, told of something of which an attempt before may have been carried out. */
export function asDoubtful(error: RegistryError): RegistryError {
  if (error.outcome === "unknown") return error;
  const { code, status, said, message } = error;
  return new RegistryError(message, { code, status, said, outcome: "unknown" }, error);
}
