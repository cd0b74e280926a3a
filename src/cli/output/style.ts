import { styleText } from 'node:util';

/** Colours of one output stream, off where it is no terminal. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
}

const PLAIN: Style = { bold: same, dim: same, good: same, warn: same, bad: same };

/** NO_COLOR and FORCE_COLOR as everywhere (https://no-color.org), otherwise colours on a terminal only. */
export function styleFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Style {
  const forced = env['FORCE_COLOR'];
  const wanted =
    forced !== undefined && forced !== ''
      ? forced !== '0' && forced !== 'false'
      : stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return wanted ? COLOURED : PLAIN;
}

const COLOURED: Style = {
  bold: (text) => styleText('bold', text, { validateStream: false }),
  dim: (text) => styleText('dim', text, { validateStream: false }),
  good: (text) => styleText('green', text, { validateStream: false }),
  warn: (text) => styleText('yellow', text, { validateStream: false }),
  bad: (text) => styleText('red', text, { validateStream: false }),
};

function same(text: string): string {
  return text;
}
