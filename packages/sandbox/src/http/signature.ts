import type { HttpRequest } from "./http-answer.ts";

/** What the signature of a request says about who sent it; it is not verified. */
export interface SignatureScope {
  readonly accessKey: string | null;
  readonly region: string;
  readonly service: string | null;
}

/** Reads the credential scope of a Signature Version 4, from the header or from a presigned query. */
export function signatureScope(request: Pick<HttpRequest, "headers" | "target">): SignatureScope {
  const header = request.headers["authorization"] ?? "";
  const inHeader = /Credential=([^,\s]+)/.exec(header)?.[1];
  const inQuery = /[?&]X-Amz-Credential=([^&]+)/.exec(request.target)?.[1];
  const parts = (inHeader ?? inQuery?.replaceAll("%2F", "/") ?? "").split("/");
  if (parts.length < 5) return { accessKey: null, region: "us-east-1", service: null };
  const [service, region] = [parts.at(-2), parts.at(-3)];
  return {
    accessKey: parts.slice(0, -4).join("/"),
    region: region === undefined || region === "" ? "us-east-1" : region,
    service: service ?? null,
  };
}
