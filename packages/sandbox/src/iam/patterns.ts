/** Whether text matches a pattern with `*` and `?`; linear in both, whatever the pattern. */
export function globMatches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let starAt = 0;
  let from = 0;
  while (at < text.length) {
    const wanted = pattern[from];
    if (wanted === "*") {
      star = from;
      starAt = at;
      from += 1;
    } else if (wanted !== undefined && (wanted === "?" || wanted === text[at])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      from = star + 1;
      starAt += 1;
      at = starAt;
    } else return false;
  }
  while (pattern[from] === "*") from += 1;
  return from === pattern.length;
}

function parts(arn: string): readonly string[] {
  const split = arn.split(":");
  return split.length <= 6 ? split : [...split.slice(0, 5), split.slice(5).join(":")];
}

/**
 * Whether an ARN matches a pattern: each of its six parts by itself. A pattern with fewer parts is filled up with `*`.
 * Source: IAM reference, "Resource" and "ArnLike".
 */
export function arnMatches(pattern: string, arn: string): boolean {
  if (pattern === "*") return true;
  const wanted = parts(pattern);
  const has = parts(arn);
  if (has.length < 6) return globMatches(pattern, arn);
  return has.every((part, at) => globMatches(wanted[at] ?? "*", part));
}
