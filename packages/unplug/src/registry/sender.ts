import { setTimeout as sleep } from "node:timers/promises";
import { problemOf } from "./answer-body.ts";
import { Authorization, type Credentials } from "./authorization.ts";
import { type Answer, endedBy, exchange, type Request } from "./exchange.ts";
import type { Limits } from "./limits.ts";
import { asDoubtful, RegistryError, unreadable } from "./registry-error.ts";

export interface Asked extends Request {
  readonly repository: string;
  /** What a token is asked for. */
  readonly actions: "pull" | "pull,push";
  /** To be read after "The registry": where, and what was asked. */
  readonly about: string;
  /** The statuses that answer it; any other is a failure. */
  readonly wanted: readonly number[];
  /** Asked again when the connection was cut: it changes nothing, or the same twice. */
  readonly repeatable: boolean;
}

export interface SenderOptions {
  /** The registry's URL: what comes before `/v2/`. */
  readonly base: URL;
  readonly credentials: Credentials | null;
  readonly limits: Limits;
}

/** Brings requests to one registry: authorization, redirects, and what is tried again. */
export class Sender {
  readonly base: URL;
  readonly limits: Limits;
  readonly #authorization: Authorization;

  constructor({ base, credentials, limits }: SenderOptions) {
    this.base = base;
    this.limits = limits;
    this.#authorization = new Authorization(base, credentials, limits.idleMs);
  }

  /** Where `path` is, which begins with the repository. */
  url(path: string): URL {
    return new URL(`${this.base.href.replace(/\/$/, "")}/v2/${path}`);
  }

  /** Hands a wanted answer to `use`, anew for each try. Throws RegistryError; its outcome tells of all tries. */
  async send<T>(asked: Asked, signal: AbortSignal, use: (answer: Answer) => Promise<T> | T): Promise<T> {
    let doubtful = false;
    for (let attempt = 1; ; attempt += 1) {
      const tried = await this.#try(asked, signal, use);
      if (!(tried instanceof Failed)) return tried.value;
      const error: RegistryError = doubtful ? asDoubtful(tried.error) : tried.error;
      const pause = Math.max(tried.waitMs ?? 0, this.limits.pauseMs * 2 ** (attempt - 1));
      if (!tried.passing || attempt >= this.limits.tries || pause > this.limits.totalMs) throw error;
      doubtful ||= error.outcome === "unknown";
      await sleep(pause, undefined, { signal }).catch(() => {
        throw doubtful ? asDoubtful(endedBy(signal, asked.about)) : endedBy(signal, asked.about);
      });
    }
  }

  async #try<T>(
    asked: Asked,
    signal: AbortSignal,
    use: (answer: Answer) => Promise<T> | T,
  ): Promise<{ readonly value: T } | Failed> {
    try {
      const answer = await this.#authorized(asked, signal);
      if (asked.wanted.includes(answer.status)) {
        try {
          return { value: await use(answer) };
        } finally {
          answer.leave();
        }
      }
      const waitMs = retryAfter(answer);
      const error = await problemOf(answer, asked);
      return new Failed(error, answer.status === 429 || answer.status >= 500, waitMs);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      const cut = error.outcome === "unknown" && /^(ECONNRESET|EPIPE|ECONNABORTED)$/.test(error.code);
      return new Failed(error, cut && asked.repeatable, null);
    }
  }

  async #authorized(asked: Asked, signal: AbortSignal): Promise<Answer> {
    const scope = `repository:${asked.repository}:${asked.actions}`;
    const known = this.#authorization.known(scope);
    const first = await this.#follow(asked, known, signal);
    if (first.status !== 401) return first;
    const about = asked.about;
    const header = await this.#authorization.answer(first, { scope, tried: known, about }, signal);
    if (header !== null) {
      const second = await this.#follow(asked, header, signal);
      if (second.status !== 401) return second;
      second.leave();
    }
    const message = `The registry ${about}: it does not take the credentials (HTTP 401). Are they those of this registry, and not too old?`;
    throw new RegistryError(message, { code: "UNAUTHORIZED", status: 401, outcome: "refused" });
  }

  /** Follows what only reads; nobody else's host is shown the authorization. */
  async #follow(asked: Asked, authorization: string | undefined, signal: AbortSignal): Promise<Answer> {
    const { idleMs, redirects } = this.limits;
    const { method, about } = asked;
    let url = asked.url;
    for (let hops = 0; ; hops += 1) {
      const shown = authorization !== undefined && url.origin === this.base.origin;
      const headers = shown ? { ...asked.headers, authorization } : asked.headers;
      const answer = await exchange({ ...asked, url, headers }, { idleMs, signal, about });
      const isWanted = asked.wanted.includes(answer.status);
      if (isWanted || ![301, 302, 303, 307, 308].includes(answer.status)) return answer;
      answer.leave();
      const next = locationOf(answer, url);
      if (method !== "GET" && method !== "HEAD") throw redirected(about, "it sends a write elsewhere");
      if (next === null) throw redirected(about, "it redirects to no place that can be asked");
      if (hops >= redirects) throw redirected(about, `it redirects more than ${redirects} times`);
      url = next;
    }
  }
}

/** Where an answer points to; null for what is no URL, and for one that leaves HTTPS. */
export function locationOf(answer: Answer, from: URL): URL | null {
  const { location } = answer.headers;
  if (location === undefined || !URL.canParse(location, from.href)) return null;
  const url = new URL(location, from);
  if (url.protocol !== "https:" && (url.protocol !== "http:" || from.protocol !== "http:")) return null;
  url.username = "";
  url.password = "";
  return url;
}

class Failed {
  readonly error: RegistryError;
  readonly passing: boolean;
  readonly waitMs: number | null;

  constructor(error: RegistryError, passing: boolean, waitMs: number | null) {
    this.error = error;
    this.passing = passing;
    this.waitMs = waitMs;
  }
}

function redirected(about: string, why: string): RegistryError {
  return unreadable(`The registry ${about}: ${why}. Is there a proxy in between?`, null, "Redirected");
}

/** How long the registry wants to be left alone, in milliseconds; a date is taken by the registry's own clock. */
function retryAfter({ headers }: Answer): number | null {
  const told = headers["retry-after"];
  if (told === undefined) return null;
  if (/^\d{1,9}$/.test(told)) return Number(told) * 1000;
  const ms = Date.parse(told) - Date.parse(headers.date ?? "");
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
