/**
 * The known word that a misspelt one was most probably meant to be, upper and lower case aside; null when none is near.
 * Near is two edits, or a third of the known word's letters where that is more.
 */
export function nearest<Word extends string>(given: string, known: readonly Word[]): Word | null {
  let best: Word | null = null;
  let least = Infinity;
  for (const word of known) {
    const edits = distance(given.toLowerCase(), word.toLowerCase());
    if (edits < least) [best, least] = [word, edits];
  }
  return best !== null && least <= Math.max(2, Math.floor(best.length / 3)) ? best : null;
}

/** Levenshtein distance: single-character edits between two words. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 0; row < a.length; row += 1) {
    const current = [row + 1];
    for (let column = 0; column < b.length; column += 1) {
      const replaced = (previous[column] ?? 0) + Number(a[row] !== b[column]);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
