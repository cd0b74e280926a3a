import type { Key } from '../backfill.js';
import type { KeyKind } from './key-sql.js';

/** Points between two values that are asked for the next key; more of them cut more evenly where keys are dense in places. */
const POINTS = 64;
/** Characters of a text, bytes of a binary value that are counted with. */
const PLACES = 6;
const FIRST_CHARACTER = 0x20;
const CHARACTERS = 0x7f - FIRST_CHARACTER;

/**
 * Values spread evenly between two, as text. Pure. They need not exist, nor be in order by the column's collation: each is asked for the key
 * behind it. Empty where nothing can be put in between.
 */
export function valuesBetween(kind: KeyKind, low: string, high: string): Key {
  switch (kind) {
    case 'integer':
      return spread(BigInt(low), BigInt(high)).map(String);
    case 'decimal':
    case 'float':
      return spreadNumbers(Number(low), Number(high)).map((value) => value.toFixed(6));
    case 'date':
    case 'datetime': {
      const [from, to] = [low, high].map((text) =>
        Date.parse(`${text.slice(0, 19).replace(' ', 'T')}${text.length > 10 ? 'Z' : ''}`),
      );
      return spreadNumbers(from ?? NaN, to ?? NaN).map((ms) =>
        new Date(ms)
          .toISOString()
          .slice(0, kind === 'date' ? 10 : 19)
          .replace('T', ' '),
      );
    }
    case 'binary': {
      const digits = Math.max(low.length, high.length);
      const number = (hex: string): bigint => BigInt(`0x${hex.padEnd(digits, '0') || '0'}`);
      return spread(number(low), number(high)).map((value) =>
        value.toString(16).padStart(digits, '0'),
      );
    }
    case 'text':
    case 'other':
      return textBetween(low, high);
    case 'time':
      return [];
  }
}

function spread(low: bigint, high: bigint): readonly bigint[] {
  const found = Array.from(
    { length: POINTS },
    (_, index) => low + ((high - low) * BigInt(index + 1)) / BigInt(POINTS + 1),
  );
  return [...new Set(found)];
}

function spreadNumbers(low: number, high: number): readonly number[] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [];
  return Array.from(
    { length: POINTS },
    (_, index) => low + ((high - low) * (index + 1)) / (POINTS + 1),
  );
}

/** Behind what both begin with, the next characters are a number with one digit for each printable ASCII character. */
function textBetween(low: string, high: string): Key {
  let common = 0;
  while (common < low.length && low[common] === high[common]) common += 1;
  const number = (text: string): bigint => {
    let value = 0n;
    for (let place = 0; place < PLACES; place += 1) {
      const code = text.charCodeAt(common + place);
      const digit = Number.isNaN(code)
        ? 0
        : Math.max(0, Math.min(CHARACTERS - 1, code - FIRST_CHARACTER));
      value = value * BigInt(CHARACTERS) + BigInt(digit);
    }
    return value;
  };
  return spread(number(low), number(high)).map((value) => {
    let rest = value;
    let text = '';
    for (let place = 0; place < PLACES; place += 1) {
      text = String.fromCharCode(FIRST_CHARACTER + Number(rest % BigInt(CHARACTERS))) + text;
      rest /= BigInt(CHARACTERS);
    }
    return low.slice(0, common) + text.trimEnd();
  });
}
