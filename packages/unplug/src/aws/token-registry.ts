import { type ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { openRegistry, type Registry } from "../registry/index.ts";

export interface Opened {
  readonly registry: Registry;
  /** In ms since 1970; infinite where ECR did not say it. */
  readonly end: number;
}

/** A token with less left than this is asked for again while it is still good. */
const EARLY_MS = 300_000;
/** Many calls wait for one token: no caller's signal ends it. */
const TOKEN_MS = 15_000;

/** An account's registry behind ECR's token, whose `proxyEndpoint` says where it is. */
export class TokenRegistry {
  readonly #client: ECRClient;
  readonly #id: string;
  readonly #now: () => number;
  #opened: Opened | null = null;
  #asked: Promise<Opened> | null = null;

  /** `now` in milliseconds since 1970. */
  constructor(client: ECRClient, id: string, now: () => number) {
    this.#client = client;
    this.#id = id;
    this.#now = now;
  }

  async opened(): Promise<Opened> {
    const known = this.#opened;
    const left = known === null ? 0 : known.end - this.#now();
    if (known === null || left <= 0) return await this.#ask();
    // A token that cannot be had now does not spoil the one that is good.
    if (left < EARLY_MS) this.#ask().catch(() => undefined);
    return known;
  }

  /** Its token is not taken: who asks next is given another. */
  forget(spent: Opened): void {
    if (this.#opened === spent) this.#opened = null;
  }

  #ask(): Promise<Opened> {
    this.#asked ??= open(this.#client, this.#id)
      .then((opened) => {
        this.#opened = opened;
        return opened;
      })
      .finally(() => {
        this.#asked = null;
      });
    return this.#asked;
  }
}

async function open(client: ECRClient, id: string): Promise<Opened> {
  const { authorizationData } = await client
    .send(new GetAuthorizationTokenCommand({ registryIds: [id] }), {
      abortSignal: AbortSignal.timeout(TOKEN_MS),
    })
    .catch((error: unknown) => {
      throw neverAsked(error);
    });
  const { authorizationToken = "", proxyEndpoint = "", expiresAt } = authorizationData?.[0] ?? {};
  const [, username, password] =
    /^([^:]+):(.*)$/s.exec(Buffer.from(authorizationToken, "base64").toString()) ?? [];
  if (username === undefined || password === undefined || !URL.canParse(proxyEndpoint)) {
    const message = `ECR gave no token for the registry of the account ${id}, or none that names it.`;
    throw Object.assign(new Error(message), { name: "UnreadableAnswer", outcome: "unsent" });
  }
  const end = expiresAt?.getTime() ?? Number.NaN;
  return {
    registry: openRegistry(proxyEndpoint, { username, password }),
    end: Number.isNaN(end) ? Number.POSITIVE_INFINITY : end,
  };
}

/** Without a token the registry was not asked; a "no" to the token stays what it is. */
function neverAsked(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const status: unknown = Reflect.get(Object(Reflect.get(error, "$metadata")), "httpStatusCode");
  const said = typeof status === "number" && status >= 400 && status < 500;
  return said ? error : Object.assign(error, { outcome: "unsent" });
}
