/** What a registry may cost. */
export interface Limits {
  /** Of a manifest and of a blob that is read whole. Source: 4 MiB is what the distribution specification asks for. */
  readonly smallBytes: number;
  /** Without a byte in either direction, or a connection. */
  readonly idleMs: number;
  /** One operation with its tries, redirects and tokens. */
  readonly totalMs: number;
  /** As `totalMs`, of a blob that is streamed, or sent. */
  readonly streamMs: number;
  readonly redirects: number;
  /** Requests for one answer, the first included. */
  readonly tries: number;
  /** The first wait before a try; each is twice as long as the one before it. */
  readonly pauseMs: number;
  /** What is longer is sent in pieces of so many bytes; one is held in memory. */
  readonly chunkBytes: number;
}

export const usualLimits: Limits = {
  smallBytes: 4 * 1024 * 1024,
  idleMs: 10_000,
  totalMs: 18_000,
  streamMs: 230_000,
  redirects: 5,
  tries: 3,
  pauseMs: 200,
  chunkBytes: 8 * 1024 * 1024,
};
