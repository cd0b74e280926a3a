import { printable } from '../../report/printable.js';

/**
 * Rows under a head, in columns, without lines around them so that `grep` and `awk` work on them.
 * Twenty lines of our own: cli-table3 took longer over 300 rows than the whole of `status` (measured).
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((cells) => cells.map(printable));
  const widths = head.map((_, column) =>
    Math.max(...lines.map((cells) => columnsOf(cells[column] ?? ''))),
  );
  return lines
    .map((cells) => cells.map((cell, column) => padded(cell, widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

function padded(cell: string, width: number): string {
  return cell + ' '.repeat(width - columnsOf(cell));
}

/** Code points, which is what a terminal counts for the names that people give to migrations. */
function columnsOf(cell: string): number {
  return Array.from(cell).length;
}
