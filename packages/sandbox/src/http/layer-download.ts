import { pipeline } from "node:stream/promises";
import type { Cloud } from "../cloud.ts";
import type { ByteRange } from "../ecr/blob-store.ts";
import type { Incoming, Outgoing } from "./both-protocols.ts";

/** The range that a request asks for; null: none that can be given, undefined: all of it. */
function rangeOf(header: string | undefined, size: number): ByteRange | null | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  const range =
    first === ""
      ? { first: Math.max(0, size - Number(last)), last: size - 1 }
      : { first: Number(first), last: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
  return range.first > range.last ? null : range;
}

/** Sends a layer of an image to whoever has its address, as S3 does for ECR; never more of it in memory than a chunk. */
export async function sendLayer(cloud: Cloud, message: Incoming, response: Outgoing): Promise<void> {
  const layer = cloud.registry.layerAt(message.url ?? "");
  if (layer === undefined) {
    response.writeHead(403, { "content-type": "text/plain" });
    response.end("This address of a layer has expired or never was: ask ECR for a new one.\n");
    return;
  }
  const range = rangeOf(message.headers.range, layer.size);
  if (range === null) {
    response.writeHead(416, { "content-range": `bytes */${layer.size}` });
    response.end();
    return;
  }
  const part =
    range === undefined ? {} : { "content-range": `bytes ${range.first}-${range.last}/${layer.size}` };
  const length = range === undefined ? layer.size : range.last - range.first + 1;
  response.writeHead(range === undefined ? 200 : 206, {
    "content-type": "application/octet-stream",
    "accept-ranges": "bytes",
    "content-length": String(length),
    ...part,
  });
  await pipeline(layer.read(range), response);
}
