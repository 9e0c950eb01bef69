/** `12:03:07`, in UTC. */
export function clockText(at: number): string {
  return iso(at).slice(11, 19);
}

/** `2026-01-31 12:03:07 UTC`. */
export function instantText(at: number): string {
  return `${iso(at).slice(0, 19).replace("T", " ")} UTC`;
}

/** For people: `850 ms`, `4.2 s`, `1 min 12 s`, `2 h 5 min`. */
export function durationText(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1000) return `${whole} ms`;
  const tenths = Math.round(whole / 100);
  if (tenths < 600) return `${tenths / 10} s`;
  const seconds = Math.round(whole / 1000);
  if (seconds < 3600) return pair(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  return pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

/** Time since a run began: `+4.2s`, `+1m04s`, `+1h02m`. */
export function elapsedText(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < 59_950) return `+${(whole / 1000).toFixed(1)}s`;
  const seconds = Math.round(whole / 1000);
  if (seconds < 3600) return `+${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  return `+${Math.floor(seconds / 3600)}h${two(Math.floor((seconds % 3600) / 60))}m`;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}

/** An instant that no calendar knows is shown as unknown: a renderer never throws. */
function iso(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString().slice(-24) : "????-??-??T??:??:??.???Z";
}
