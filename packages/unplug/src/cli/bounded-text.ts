/** As large as no experiment is, in characters. */
export const LARGEST_TEXT = 1_048_576;

/** What a stream gives, no more than a piece beyond LARGEST_TEXT: devices and pipes have no size, and perhaps no end. */
export async function boundedText(pieces: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const piece of pieces) {
    text += String(piece);
    if (text.length > LARGEST_TEXT) break;
  }
  return text;
}
