/** Gets a JSON document; rejects when it cannot be had. */
export type FetchJson = (url: string) => Promise<unknown>;

const patienceMs = 5000;

/** Over the network. */
export async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs), redirect: "error" });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}
