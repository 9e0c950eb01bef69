/** Whether a text is as a pattern says, where `*` stands for any characters and all else for itself. */
export function matches(pattern: string, text: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  const tail = rest.pop();
  if (tail === undefined) return text === pattern;
  if (!text.startsWith(head) || text.length < head.length + tail.length || !text.endsWith(tail)) return false;
  let from = head.length;
  const to = text.length - tail.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > to) return false;
    from = at + part.length;
  }
  return true;
}

/** As `matches`, part by part: `*` stands for nothing beyond the separators. */
function matchesParts(pattern: string, text: string, separator: string): boolean {
  const wanted = pattern.split(separator);
  const found = text.split(separator);
  return wanted.length === found.length && wanted.every((part, i) => matches(part, found[i] ?? ""));
}

/** A function by its plain name, or by its ARN, whose parts are matched one by one. `arn` is unqualified. */
export function matchesFunction(pattern: string, arn: string): boolean {
  if (pattern.startsWith("arn:")) return matchesParts(pattern, arn, ":");
  return matches(pattern, arn.split(":")[6] ?? "");
}

/** A caller: its ARN part by part, and what stands behind the last colon again, since callers choose the names of their sessions. */
export function matchesIdentity(pattern: string, arn: string): boolean {
  const [wanted, wantedName] = identityParts(pattern);
  const [found, foundName] = identityParts(arn);
  return matchesParts(wanted, found, ":") && matchesParts(wantedName, foundName, "/");
}

function identityParts(arn: string): readonly [head: string, name: string] {
  const parts = arn.split(":");
  return [parts.slice(0, 5).join(":"), parts.slice(5).join(":")];
}

/** Where a match forbids: neither other case nor another form of the same letters leads around it. */
export function matchesLoosely(pattern: string, text: string): boolean {
  return matches(loose(pattern), loose(text));
}

export function matchesFunctionLoosely(pattern: string, arn: string): boolean {
  return matchesFunction(loose(pattern), loose(arn));
}

function loose(text: string): string {
  return text.normalize("NFKC").toLowerCase().trim();
}
