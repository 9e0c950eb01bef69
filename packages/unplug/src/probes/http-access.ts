import type { RequestOptions } from "node:https";
import * as z from "zod";
import type { ProbeIo } from "../contract/probe.ts";

const secretName = z
  .string()
  .regex(/^\w[\w.-]*$/, "must be the name of a secret in the store, not the secret itself");

/** Who asks: the experiment names a secret, and holds none. */
export const authSchema = z.discriminatedUnion(
  "type",
  [
    z.strictObject({ type: z.literal("basic"), username: z.string(), password: secretName }),
    z.strictObject({ type: z.literal("bearer"), token: secretName }),
  ],
  "must be {type: basic, username, password} or {type: bearer, token}",
);

/** How a server is trusted, and how it knows us. All are paths of files in PEM. */
export const tlsSchema = z.strictObject({
  ca: z.string().optional(),
  cert: z.string().optional(),
  key: z.string().optional(),
  serverName: z.string().optional(),
  insecureSkipVerify: z.boolean().default(false),
});

export async function authorization(
  auth: z.output<typeof authSchema> | undefined,
  { secret }: Pick<ProbeIo, "secret">,
): Promise<Readonly<Record<string, string>>> {
  if (auth === undefined) return {};
  if (auth.type === "bearer") return { authorization: `Bearer ${await secret(auth.token)}` };
  const pair = `${auth.username}:${await secret(auth.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

export async function tlsOptions(
  tls: z.output<typeof tlsSchema> | undefined,
  { file }: Pick<ProbeIo, "file">,
): Promise<RequestOptions> {
  if (tls === undefined) return {};
  const { ca, cert, key, serverName, insecureSkipVerify } = tls;
  return {
    ...(ca === undefined ? {} : { ca: await file(ca) }),
    ...(cert === undefined ? {} : { cert: await file(cert) }),
    ...(key === undefined ? {} : { key: await file(key) }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    rejectUnauthorized: !insecureSkipVerify,
  };
}
