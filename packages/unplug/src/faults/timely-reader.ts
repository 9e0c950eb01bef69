import type { Clock } from "../contract/clock.ts";
import { ImageProblem, type LayerReader } from "../image/index.ts";

/** What has many layers, and long ones, is not searched for hours: each read has its own end, and all together have this one. */
const MOST_SEARCH_MS = 600_000;

/** The same reader, which begins no read any more after ten minutes. */
export function timelyReader(read: LayerReader, clock: Clock): LayerReader {
  const until = clock.now() + MOST_SEARCH_MS;
  return async (layer, paths) => {
    if (clock.now() <= until) return await read(layer, paths);
    const minutes = MOST_SEARCH_MS / 60_000;
    throw new ImageProblem(
      `What it starts was not found in ${minutes} minutes of reading its layers. Is the registry slow, or the line? Try again`,
    );
  };
}
