import type { Service } from "./service.ts";

/** Lambda takes no more than 250 MB of code, unpacked. */
const MOST_BYTES = 262_144_000;

/** What lies behind the links that Lambda gives out: no AWS API, and no credentials but those in the link. */
export function openService(): Service {
  return {
    operations: {
      Download: async ({ Location }: { Location: string }, { abortSignal }) => {
        const response = await fetch(Location, abortSignal === undefined ? {} : { signal: abortSignal });
        const length = Number(response.headers.get("content-length") ?? 0);
        if (!response.ok || length > MOST_BYTES) {
          await response.body?.cancel();
          throw refused(response.status, length);
        }
        return { Body: new Uint8Array(await response.arrayBuffer()) };
      },
    },
  };
}

/** The link itself is a secret: it is not named. */
function refused(status: number, length: number): Error {
  const what = length > MOST_BYTES ? `${length} bytes, which is too long for a function` : `HTTP ${status}`;
  const error = new Error(`the link to the function's code answered ${what}`);
  return Object.assign(error, { name: "CodeNotDownloaded", $metadata: { httpStatusCode: status } });
}
