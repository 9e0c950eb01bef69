import { StringDecoder } from "node:string_decoder";

/** The longest record that CloudWatch Logs takes, in characters here; a longer line is cut into several. */
const longestLine = 262_118;

/** Cuts a byte stream into lines; a carriage return stays part of its line. */
export interface LineSplitter {
  write(bytes: Buffer): void;
  /** Hands over what is left without a line end. */
  flush(): void;
}

export function createLineSplitter(line: (text: string) => void): LineSplitter {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const take = (text: string): void => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const each of lines) line(each);
    while (rest.length > longestLine) {
      line(rest.slice(0, longestLine));
      rest = rest.slice(longestLine);
    }
  };
  return {
    write: (bytes) => take(decoder.write(bytes)),
    flush: () => {
      take(decoder.end());
      if (rest !== "") line(rest);
      rest = "";
    },
  };
}
