import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { transformSync } from "esbuild";
import { root } from "./run-command.ts";

const START = "--import=data:text/javascript,";

/**
 * The interceptor of packages/interceptor/node as one item of NODE_OPTIONS, without white space, quotes and backslashes,
 * which that variable gives a meaning to. A variable has few bytes, so that it is small before it is legible.
 */
export function nodeOption(): string {
  const source = readFileSync(join(root, "packages/interceptor/node/block.mjs"), "utf8");
  const { code } = transformSync(source, { minify: true, format: "esm", target: "node18.18" });
  const params = {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: Buffer.byteLength(code),
  };
  const packed = brotliCompressSync(code, { params }).toString("base64url");
  // What keeps it from being unpacked must not keep the function from starting.
  const loader = `/*unplug*/import{brotliDecompressSync as u}from'node:zlib';try{await import('data:text/javascript,'+encodeURIComponent(u(Buffer.from('${packed}','base64url'))))}catch{}`;
  return START + loader.replaceAll(/[\s%#?"\\]/g, encodeURIComponent);
}

export function nodeOptionModule(): string {
  return [
    "// Generated from packages/interceptor/node: node scripts/node24.js scripts/generate.ts",
    "",
    "/** An item of NODE_OPTIONS that brings what the shared object does to a program that Node.js runs, 18.18 or later. */",
    "export const nodeOption =",
    `  ${JSON.stringify(nodeOption())};`,
    "",
  ].join("\n");
}
