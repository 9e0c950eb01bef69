import { wholeBody } from "./answer-body.ts";
import { type Answer, exchange } from "./exchange.ts";
import { RegistryError } from "./registry-error.ts";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

interface Challenge {
  readonly scheme: "basic" | "bearer";
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN_BYTES = 65_536;

/** Answers the challenges of one registry, and keeps what it was given for them. */
export class Authorization {
  readonly #base: URL;
  readonly #credentials: Credentials | null;
  readonly #idleMs: number;
  /** By scope: the header that was accepted. */
  readonly #known = new Map<string, string>();

  constructor(base: URL, credentials: Credentials | null, idleMs: number) {
    this.#base = base;
    this.#credentials = credentials;
    this.#idleMs = idleMs;
  }

  /** The header for a first try; undefined before any challenge where there are no credentials. */
  known(scope: string): string | undefined {
    return this.#known.get(scope) ?? this.#basic();
  }

  /** The header that answers a 401; null where none that was not tried yet can be had. */
  async answer(
    refused: Answer,
    asked: { readonly scope: string; readonly tried: string | undefined; readonly about: string },
    signal: AbortSignal,
  ): Promise<string | null> {
    refused.leave();
    const challenges = challengesOf(refused.headers["www-authenticate"] ?? "");
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    const basic = challenges.some(({ scheme }) => scheme === "basic") ? this.#basic() : undefined;
    const header = bearer === undefined ? basic : await this.#token(bearer, asked, signal);
    if (header === undefined || header === asked.tried) return null;
    this.#known.set(asked.scope, header);
    return header;
  }

  #basic(): string | undefined {
    if (this.#credentials === null) return undefined;
    const { username, password } = this.#credentials;
    return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  }

  async #token(
    { parameters }: Challenge,
    { scope, about }: { readonly scope: string; readonly about: string },
    signal: AbortSignal,
  ): Promise<string> {
    const url = realmOf(parameters["realm"] ?? "", this.#base);
    if (url === null) throw noToken(about, "the challenge names no place to get a token from");
    if (parameters["service"] !== undefined) url.searchParams.set("service", parameters["service"]);
    url.searchParams.set("scope", scope);
    // A registry that names somebody else's host is given no password for it.
    const basic = url.hostname === this.#base.hostname ? this.#basic() : undefined;
    const headers = basic === undefined ? {} : { authorization: basic };
    const answer = await exchange({ method: "GET", url, headers }, { idleMs: this.#idleMs, signal, about });
    if (answer.status !== 200) {
      answer.leave();
      throw noToken(about, `the token service of ${url.host} answered HTTP ${answer.status}`);
    }
    const token = tokenIn(await wholeBody(answer, TOKEN_BYTES, about));
    if (token === null) throw noToken(about, `the token service of ${url.host} answered no token`);
    return `Bearer ${token}`;
  }
}

function noToken(about: string, why: string): RegistryError {
  return new RegistryError(
    `The registry ${about}: not permitted, since ${why}. Are the credentials those of this registry?`,
    { code: "UNAUTHORIZED", status: 401, outcome: "refused" },
  );
}

/** Null for what is no URL, and for one that would give away over plain HTTP what came by HTTPS. */
function realmOf(realm: string, base: URL): URL | null {
  if (!URL.canParse(realm)) return null;
  const url = new URL(realm);
  if (url.protocol !== "https:" && (url.protocol !== "http:" || base.protocol !== "http:")) return null;
  url.username = "";
  url.password = "";
  return url;
}

/** What is longer takes long to be read, and none of it is a registry's. */
const MOST_CHALLENGE = 4096;

/** Source: RFC 9110, section 11.6.1, as far as registries use it: one or more schemes, each with quoted parameters. */
function challengesOf(told: string): readonly Challenge[] {
  const header = told.slice(0, MOST_CHALLENGE);
  const starts = [...header.matchAll(/(?:^|,)\s*(basic|bearer)(?=\s|,|$)/gi)];
  return starts.map((start, i) => {
    const text = header.slice(start.index + start[0].length, starts[i + 1]?.index ?? header.length);
    const pairs = [...text.matchAll(/(?<![a-z_])([a-z_]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,"]+))/gi)];
    return {
      scheme: start[1]?.toLowerCase() === "basic" ? "basic" : "bearer",
      parameters: Object.fromEntries(
        pairs.map(([, name = "", quoted, bare = ""]) => [
          name.toLowerCase(),
          quoted?.replace(/\\(.)/g, "$1") ?? bare,
        ]),
      ),
    };
  });
}

/** Source: https://distribution.github.io/distribution/spec/auth/token/, "Token Response Fields". */
function tokenIn(body: Buffer): string | null {
  try {
    const answer: unknown = JSON.parse(body.toString("utf8"));
    if (typeof answer !== "object" || answer === null) return null;
    const token: unknown = Reflect.get(answer, "token") ?? Reflect.get(answer, "access_token");
    return typeof token === "string" && /^[\x21-\x7e]{1,16384}$/.test(token) ? token : null;
  } catch {
    return null;
  }
}
