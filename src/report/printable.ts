// Control and format characters (bidirectional overrides among them), line and paragraph separators:
// names come from files and servers, and a terminal obeys what stands in them.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** One line of text that a terminal or a log shows as it is: whatever could move the cursor or end the line is escaped. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16).padStart(4, '0')}}`;
  });
}
