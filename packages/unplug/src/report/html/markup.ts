import { xmlText } from "../xml-text.ts";

/** Text that is HTML already; made by `html` alone. */
export interface Markup {
  readonly markup: string;
}

type Part = string | number | null | Markup | readonly Markup[];

/** HTML with everything that is put in escaped, unless `html` itself has made it; null is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const markup = strings.map((text, i) => `${text}${i < parts.length ? textOf(parts[i] ?? null) : ""}`);
  return { markup: markup.join("") };
}

function textOf(part: Part): string {
  if (part === null) return "";
  if (typeof part === "string" || typeof part === "number") return xmlText(String(part));
  if ("markup" in part) return part.markup;
  return part.map(({ markup }) => markup).join("\n");
}
