/** Digits and letters that nobody takes for one another. */
const LETTERS = "23456789abcdefghjkmnpqrstuvwxyz";

/** `r-20261121-2104-k7f3`: when it began, in UTC, and four letters by chance. `random` answers 0 to 255. */
export function runId(now: number, random: () => number): string {
  const [date = "", time = ""] = new Date(now).toISOString().split("T");
  const tail = Array.from({ length: 4 }, () => LETTERS[random() % LETTERS.length]).join("");
  return `r-${date.replaceAll("-", "")}-${time.slice(0, 5).replace(":", "")}-${tail}`;
}
