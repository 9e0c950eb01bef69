import { X509Certificate } from "node:crypto";
import { validateHeaderName, validateHeaderValue } from "node:http";
import type { RequestOptions } from "node:https";
import { createSecureContext } from "node:tls";
import * as z from "zod";
import type { ProbeIo } from "../contract/probe.ts";

const secretName = z
  .string()
  .regex(/^\w[\w.-]*$/, "must be the name of a secret in the store, not the secret itself");

/** A text that stands in the file, or the name of a secret that does not. */
export const textOrSecret = z.union(
  [
    z.string(),
    z.number().transform(String),
    z.boolean().transform(String),
    z.strictObject({ secret: secretName }),
  ],
  "must be a text or {secret: NAME}",
);

type TextOrSecret = z.output<typeof textOrSecret>;

export const urlSchema = z
  .url({ protocol: /^https?$/, error: "must be a URL that begins with http:// or https://" })
  .refine((text) => !URL.canParse(text) || new URL(text).username + new URL(text).password === "", {
    error: "must not hold a user or a password: use `auth`, which names a secret of the store",
  });

/** What stands in these is a secret whatever it looks like. */
const SECRET_HEADERS: readonly string[] = ["cookie", "proxy-authorization"];

export const headersSchema = z
  .record(z.string(), textOrSecret)
  .superRefine((headers, context) => {
    for (const [name, value] of Object.entries(headers)) {
      const complain = (message: string) => context.addIssue({ code: "custom", message, path: [name] });
      if (name.toLowerCase() === "authorization")
        complain("must not stand here: use `auth`, which names a secret");
      else if (SECRET_HEADERS.includes(name.toLowerCase()) && typeof value === "string")
        complain("must name a secret of the store: {secret: NAME}");
      else if (!isSendable(name, typeof value === "string" ? value : ""))
        complain("must be a header: no blanks in its name, no line breaks in its text");
    }
  })
  .default({})
  .describe("Headers of the request: a text, or {secret: NAME}");

/** Who asks: the experiment names a secret, and holds none. */
export const authSchema = z
  .discriminatedUnion(
    "type",
    [
      z.strictObject({ type: z.literal("basic"), username: z.string(), password: secretName }),
      z.strictObject({ type: z.literal("bearer"), token: secretName }),
    ],
    "must be {type: basic, username, password} or {type: bearer, token}",
  )
  .describe("Who asks: {type: basic, username, password} or {type: bearer, token}, where a secret is named");

/** How a server is trusted, and how it knows us. */
export const tlsSchema = z
  .strictObject({
    ca: z.string().describe("File in PEM: whom to trust, instead of the usual authorities").optional(),
    cert: z.string().describe("File in PEM: our own certificate").optional(),
    key: z.string().describe("File in PEM: its key").optional(),
    serverName: z
      .string()
      .regex(/[a-z]/i, "must be a host name")
      .describe("The name that the server's certificate must have, where it is not the URL's")
      .optional(),
    insecureSkipVerify: z
      .union([z.boolean(), z.enum(["true", "false"])], "must be true or false")
      .default(false)
      .describe("Trust whatever certificate it shows"),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
    error: "must have both `cert` and `key`, or neither",
  })
  .describe("How its certificate is checked, and which one we show");

export const NO_TLS = "must begin with https:// where `tls` is given";

/** Whether `tls` is left out where it would mean nothing. */
export function fitsTls({
  url,
  tls,
}: {
  readonly url: string;
  readonly tls?: z.output<typeof tlsSchema> | undefined;
}): boolean {
  return tls === undefined || url.startsWith("https:");
}

/** All headers with the secrets in them. Throws when a secret is missing, or is nothing that a header could hold. */
export async function readHeaders(
  headers: Readonly<Record<string, TextOrSecret>>,
  auth: z.output<typeof authSchema> | undefined,
  io: Pick<ProbeIo, "secret">,
): Promise<Readonly<Record<string, string>>> {
  const own = await Promise.all(
    Object.entries(headers).map(async ([name, value]) => [name, await readText(value, io)] as const),
  );
  const all = [...own, ...Object.entries(await authorization(auth, io))];
  for (const [name, value] of all) {
    if (!isSendable(name, value))
      throw new Error(`The header "${name}" cannot be sent: its secret has a line break or the like in it.`);
  }
  return Object.fromEntries(all);
}

/** What stands in the file, or the secret that it names. */
export async function readText(value: TextOrSecret, { secret }: Pick<ProbeIo, "secret">): Promise<string> {
  return typeof value === "string" ? value : await secret(value.secret);
}

async function authorization(
  auth: z.output<typeof authSchema> | undefined,
  { secret }: Pick<ProbeIo, "secret">,
): Promise<Readonly<Record<string, string>>> {
  if (auth === undefined) return {};
  if (auth.type === "bearer") return { authorization: `Bearer ${await secret(auth.token)}` };
  const pair = `${auth.username}:${await secret(auth.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

/** Throws when a file cannot be read, or holds no certificate: then nobody could be asked. */
export async function tlsOptions(
  tls: z.output<typeof tlsSchema> | undefined,
  { file }: Pick<ProbeIo, "file">,
): Promise<RequestOptions> {
  if (tls === undefined) return {};
  const { serverName, insecureSkipVerify } = tls;
  const read = async (path: string | undefined) => (path === undefined ? undefined : await file(path));
  const [ca, cert, key] = [await read(tls.ca), await read(tls.cert), await read(tls.key)];
  const own = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  for (const [name, text] of Object.entries({ ca, cert })) {
    // OpenSSL takes a text without any certificate for one that trusts nobody.
    if (text !== undefined)
      fit(`tls.${name}: ${tls[name === "ca" ? "ca" : "cert"]} holds no certificate in PEM`, () =>
        new X509Certificate(text));
  }
  fit(`tls: ${tls.cert ?? ""} and ${tls.key ?? ""} are no certificate and its key`, () =>
    createSecureContext(own));
  return {
    ...own,
    ...(serverName === undefined ? {} : { servername: serverName }),
    rejectUnauthorized: String(insecureSkipVerify) !== "true",
  };
}

function fit(complaint: string, attempt: () => unknown): void {
  try {
    attempt();
  } catch (error) {
    throw new Error(`${complaint} (${error instanceof Error ? error.message : String(error)})`);
  }
}

function isSendable(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
