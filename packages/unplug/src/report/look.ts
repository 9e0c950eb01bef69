type Paint = (text: string) => string;

/** How words are set apart; each function leaves the width as it is. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

/** What the reader's screen can do. */
export interface Look {
  readonly style: Style;
  readonly unicode: boolean;
  /** Columns; text is broken to fit, commands and ARNs never are. */
  readonly width: number;
  /** A screen that people look at: there, lines that programs may read elsewhere are broken too. */
  readonly terminal: boolean;
}

const same: Paint = (text) => text;

export const plainStyle: Style = {
  bold: same,
  dim: same,
  red: same,
  green: same,
  yellow: same,
  cyan: same,
};

const plainLook: Look = { style: plainStyle, unicode: true, width: 100, terminal: false };

/** `plainLook` but for what is given. */
export function withLook(look: Partial<Look> = {}): Look {
  return { ...plainLook, ...look };
}
