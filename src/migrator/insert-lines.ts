import { BOM } from '../journal/migration-file.js';
import type { ClassifiedStatement } from '../statements/statement.js';
import type { PlacedLines } from './operation-lines.js';

/** A line of the file as it is with the new ones. */
export interface ShownLine {
  /** 1-based. */
  readonly line: number;
  readonly text: string;
  readonly added: boolean;
}

/** A text with lines put in. */
export interface Inserted {
  readonly text: string;
  /** Those that are new, and the ones around them. */
  readonly shown: readonly ShownLine[];
}

const MARKER = '--> statement-breakpoint';

/** Puts lines between the statements of a file and leaves every other byte as it is: line ends, a BOM, a last line without an end. Pure. */
export function insertLines(
  text: string,
  statements: readonly ClassifiedStatement[],
  placed: readonly PlacedLines[],
): Inserted {
  const bom = text.startsWith(BOM) ? BOM : '';
  const body = text.slice(bom.length);
  const eol = /\r?\n/.exec(body)?.[0] ?? '\n';
  // Each with its end; a text that ends in one has no line behind it.
  const old = body.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const ends = old.map((_, index) => old.slice(0, index + 1).join('').length);
  const at = (lines: PlacedLines): number => {
    const next = statements[lines.above];
    if (lines.keepTo === 'next' && next !== undefined) return next.line - 1;
    const before = statements[lines.above - 1];
    return before === undefined ? old.length : lineBehind(body, before, old, ends);
  };
  const out: { text: string; added: boolean }[] = [];
  for (let index = 0; index <= old.length; index += 1) {
    for (const lines of placed.filter((each) => at(each) === index)) {
      const last = out.at(-1);
      const open = last !== undefined && !last.text.endsWith('\n');
      if (open) last.text += eol;
      for (const [nth, line] of lines.lines.entries()) {
        // A file without an end of its last line keeps having none.
        const ended = !open || nth < lines.lines.length - 1;
        out.push({ text: `${line}${ended ? eol : ''}`, added: true });
      }
    }
    const line = old[index];
    if (line !== undefined) out.push({ text: line, added: false });
  }
  return { text: bom + out.map((line) => line.text).join(''), shown: shownOf(out) };
}

/** Index of the line below the one on which a statement ends, and below a marker that has a line of its own. */
function lineBehind(
  body: string,
  { sql, line }: ClassifiedStatement,
  old: readonly string[],
  ends: readonly number[],
): number {
  const start = body.lastIndexOf(sql, ends[line - 1]);
  const end = (start === -1 ? (ends[line - 2] ?? 0) : start) + sql.length;
  const behind = ends.findIndex((each) => each >= end) + 1;
  return old[behind]?.trim() === MARKER && behind + 1 < old.length ? behind + 1 : behind;
}

function shownOf(lines: readonly { readonly text: string; readonly added: boolean }[]) {
  return lines.flatMap(({ text, added }, index): ShownLine[] => {
    const near = added || lines[index - 1]?.added === true || lines[index + 1]?.added === true;
    return near ? [{ line: index + 1, text: text.replace(/\r?\n$/, ''), added }] : [];
  });
}
