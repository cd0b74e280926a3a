import { hash } from 'node:crypto';
import type { Migration } from '../journal/journal.js';
import type { LedgerRow, LedgerVersion } from './ledger.js';

/*
 * Whether a ledger holds exactly a journal's migrations, told by a few bytes instead of by its rows: the usual case of a replica, a waiter
 * and a release with nothing to do. Per row the text `<hash> <created_at> <name>`; the name is empty in a v0 ledger.
 */

/** The rows of a ledger that holds exactly these migrations. Their ids were not read. */
export function expectedRows(
  migrations: readonly Migration[],
  version: LedgerVersion,
): readonly LedgerRow[] {
  return migrations.map(({ checksum, createdAtMs, tag }) => ({
    id: '',
    hash: checksum,
    createdAt: String(createdAtMs),
    name: version === 'v1' ? tag : null,
  }));
}

/** A row as far as a digest goes. */
export interface DigestedRow {
  readonly checksum: string;
  /** Milliseconds, as text. */
  readonly createdAt: string | null;
  /** v1 only. */
  readonly name: string | null;
}

/** Postgres: number of rows, and SHA-256 in hex over their texts, a line feed after each but the last, ordered by time, hash and name. */
export function orderedDigest(rows: readonly DigestedRow[], version: LedgerVersion): string {
  const texts = [...rows]
    .sort(
      (a, b) =>
        Number(a.createdAt) - Number(b.createdAt) ||
        compare(a.checksum, b.checksum) ||
        compare(a.name ?? '', b.name ?? ''),
    )
    .map((row) => textOf(row, version));
  return `${texts.length} ${hash('sha256', texts.join('\n'), 'hex')}`;
}

/**
 * MySQL: number of rows, and of the SHA-256 of each row's text the first and the second 16 hex digits, each XORed over all rows.
 * XOR needs no string as long as the ledger, which group_concat_max_len would cut.
 */
export function combinedDigest(rows: readonly DigestedRow[], version: LedgerVersion): string {
  let first = 0n;
  let second = 0n;
  for (const each of rows) {
    const row = hash('sha256', textOf(each, version), 'buffer');
    first ^= row.readBigUInt64BE(0);
    second ^= row.readBigUInt64BE(8);
  }
  return `${rows.length} ${first} ${second}`;
}

function textOf({ checksum, createdAt, name }: DigestedRow, version: LedgerVersion): string {
  return `${checksum} ${createdAt} ${version === 'v1' ? (name ?? '') : ''}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
