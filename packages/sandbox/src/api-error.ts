/** What an error says beside its code and message. */
export interface ApiErrorExtras {
  /** "User" or "Service" on the wire of Lambda; null leaves the member out. */
  readonly type?: "User" | "Service" | null;
  /** Further members of the error body, e.g. `Reason`. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** The code that older (query) clients of SQS know the error by. */
  readonly queryCode?: string;
  /** False when the caller of the HTTP front gets a closed socket and no answer at all. */
  readonly answered?: boolean;
}

/** An answer of the cloud that is an error: the wire's code, HTTP status and words. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly type: "User" | "Service" | null;
  readonly body: Readonly<Record<string, unknown>>;
  readonly queryCode: string;
  readonly answered: boolean;

  constructor(status: number, code: string, message: string, extras: ApiErrorExtras = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.type = extras.type === undefined ? (status >= 500 ? "Service" : "User") : extras.type;
    this.body = extras.body ?? {};
    this.queryCode = extras.queryCode ?? code;
    this.answered = extras.answered ?? true;
  }
}

/** A member of an input that breaks a constraint of the API's model; a null value was not given. */
export interface ModelFailure {
  readonly value: unknown;
  readonly member: string;
  readonly constraint: string;
}

/** An input that breaks constraints of the API's model, all named at once. Source: recorded answers of Lambda. */
export function validationErrors(failures: readonly ModelFailure[]): ApiError {
  const count = failures.length === 1 ? "1 validation error" : `${failures.length} validation errors`;
  const said = failures.map(({ value, member, constraint }) => {
    const shown = value === null ? "null" : `'${typeof value === "string" ? value : JSON.stringify(value)}'`;
    return `Value ${shown} at '${member}' failed to satisfy constraint: ${constraint}`;
  });
  return new ApiError(400, "ValidationException", `${count} detected: ${said.join("; ")}`, { type: null });
}

/** An input that breaks one constraint of the API's model. */
export function validationError(value: unknown, member: string, constraint: string): ApiError {
  return validationErrors([{ value, member, constraint }]);
}

/** 404 of Lambda for what has no name of its own in its words: mappings, tags, policies. */
export function noResource(): ApiError {
  return new ApiError(404, "ResourceNotFoundException", "The resource you requested does not exist.");
}

/** 400 of Lambda for values that are well formed and not acceptable. */
export function invalidParameter(message: string): ApiError {
  return new ApiError(400, "InvalidParameterValueException", message);
}
