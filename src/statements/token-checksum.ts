import { createHash } from 'node:crypto';
import type { ErrorPlace } from '../errors.js';
import { readSql, type SqlReader } from './read-sql.js';
import type { Dialect, SqlMode } from './statement.js';

/** Characters gathered before they go to the hash: one call a token would cost more than the hash. */
const BATCH = 1 << 16;

/**
 * The token checksum of a text, fed with its parts: for each statement in order, each token's text in UTF-8 followed by
 * one NUL byte, then one more NUL byte. Frozen: docs/formats.md, Token checksum.
 */
export class TokenChecksum implements SqlReader {
  private readonly hash = createHash('sha256');
  private pending = '';

  token({ text }: { readonly text: string }): void {
    this.write(text);
  }

  statement(): void {
    this.write('');
  }

  /** Lower-case hex. Call it once. */
  digest(): string {
    this.flush();
    return this.hash.digest('hex');
  }

  private write(text: string): void {
    this.pending += text;
    this.pending += '\0';
    if (this.pending.length >= BATCH) this.flush();
  }

  private flush(): void {
    this.hash.update(this.pending, 'utf8');
    this.pending = '';
  }
}

/**
 * SHA-256 in lower-case hex over the tokens of a text, without comments, white space and markers: adding a directive
 * to an applied file changes the file's checksum and not this one.
 *
 * @throws {MigratorError} `UNTERMINATED`, `STATEMENT_REFUSED`; see {@link readSql}
 */
export function tokenChecksum(
  text: string,
  dialect: Dialect,
  mode?: SqlMode,
  place?: ErrorPlace,
): string {
  const checksum = new TokenChecksum();
  readSql(text, dialect, checksum, { mode, place });
  return checksum.digest();
}
