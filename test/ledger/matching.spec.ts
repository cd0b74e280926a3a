import { createHash } from 'node:crypto';
import type { JournalLayout, Migration } from '../../src/journal/journal.js';
import type { Attempt, LedgerRow, LedgerSnapshot, Verdict } from '../../src/ledger/ledger.js';
import { matchLedger } from '../../src/ledger/match-ledger.js';

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const T0 = 1_767_225_600_123;

/** An entry whose file holds `text`. */
function entry(
  tag: string,
  text: string,
  createdAtMs = T0,
  layout: JournalLayout = 'journal',
): Migration {
  return {
    tag,
    layout,
    position: 0,
    createdAtMs,
    checksum: sha(text),
    file: `${tag}.sql`,
    invalidLine: null,
    read: () => text,
    lineEndingChecksums: () => {
      const lf = text.replaceAll('\r\n', '\n');
      return [sha(lf), sha(lf.replaceAll('\n', '\r\n'))];
    },
    downFile: null,
    readDown: () => null,
  };
}

function journal(...entries: readonly Migration[]): readonly Migration[] {
  return entries.map((migration, position) => ({ ...migration, position }));
}

let ids = 0;
function row(text: string, createdAt: number | null = T0, name: string | null = null): LedgerRow {
  ids += 1;
  return {
    id: String(ids),
    hash: sha(text),
    createdAt: createdAt === null ? null : String(createdAt),
    name,
  };
}

function attempt(tag: string, text: string, more: Partial<Attempt> = {}): Attempt {
  ids += 1;
  return {
    id: String(ids),
    kind: 'migration',
    tag,
    fileChecksum: sha(text),
    tokenChecksum: sha(tokens(text)),
    createdAtMs: T0,
    impact: 'expand',
    requires: null,
    state: 'done',
    statements: 1,
    statementCursor: 1,
    inFlight: null,
    objectsDigest: null,
    fence: '1',
    runner: 'r',
    build: null,
    actor: null,
    startedAt: '',
    finishedAt: '',
    errorCode: null,
    reason: null,
    resolution: null,
    stepDigests: null,
    ...more,
  };
}

/** Stands for the token checksum's text: without comments. */
function tokens(text: string): string {
  return text.replaceAll(/--.*\n?/g, '').trim();
}

function match(
  migrations: readonly Migration[],
  rows: readonly LedgerRow[],
  attempts: readonly Attempt[] = [],
) {
  const snapshot: LedgerSnapshot = {
    version: rows.some(({ name }) => name !== null) ? 'v1' : 'v0',
    rows,
    bootstrapped: true,
    attempts,
    empty: false,
  };
  return matchLedger(migrations, snapshot, (migration) => sha(tokens(migration.read())));
}

const verdictsOf = (...parameters: Parameters<typeof match>): readonly Verdict[] =>
  match(...parameters).entries.map(({ verdict }) => verdict);

describe('the journal laid over the ledger', () => {
  it.each<[string, readonly Migration[], readonly LedgerRow[], readonly Attempt[], Verdict]>([
    // pass 1
    [
      'name and checksum agree',
      [entry('a', 'x', T0, 'folder')],
      [row('x', T0, 'a')],
      [],
      'applied',
    ],
    [
      'the name agrees, the file does not, stock applied it',
      [entry('a', 'y', T0, 'folder')],
      [row('x', T0, 'a')],
      [],
      'edited-before-adoption',
    ],
    [
      'the name agrees, the file does not, we applied it',
      [entry('a', 'y', T0, 'folder')],
      [row('x', T0, 'a')],
      [attempt('a', 'x')],
      'edited',
    ],
    // pass 2
    ['time and checksum agree', [entry('a', 'x')], [row('x')], [], 'applied'],
    [
      'a 1.x entry meets a 0.x row by the second',
      [entry('a', 'x', T0 - 123, 'folder')],
      [row('x')],
      [],
      'applied',
    ],
    [
      'a 0.x entry does not meet an unnamed row by the second',
      [entry('a', 'y', T0 - 123)],
      [row('x')],
      [],
      'pending',
    ],
    [
      'a 0.x entry meets the row that drizzle-kit up named',
      [entry('0000_a', 'x')],
      [row('x', T0, '20260101000000_a')],
      [],
      'applied',
    ],
    [
      'the row has another name',
      [entry('b', 'x', T0, 'folder')],
      [row('x', T0, 'a')],
      [],
      'renamed',
    ],
    // pass 3
    [
      'time agrees, the file does not, stock applied it',
      [entry('a', 'y')],
      [row('x')],
      [],
      'edited-before-adoption',
    ],
    [
      'time agrees, the file does not, we applied it',
      [entry('a', 'y')],
      [row('x')],
      [attempt('a', 'x')],
      'edited',
    ],
    [
      'a baseline of ours counts as ours',
      [entry('a', 'y')],
      [row('x')],
      [attempt('a', 'x', { kind: 'baseline' })],
      'edited',
    ],
    [
      'only comments differ from what we applied',
      [entry('a', '-- @impact expand\nx')],
      [row('x')],
      [attempt('a', 'x')],
      'comments-changed',
    ],
    [
      'only comments differ from what stock applied',
      [entry('a', '-- more\nx')],
      [row('x')],
      [],
      'edited-before-adoption',
    ],
    [
      'only line ends differ, CRLF now',
      [entry('a', 'x\r\ny\r\n')],
      [row('x\ny\n')],
      [],
      'line-endings',
    ],
    [
      'only line ends differ, LF now',
      [entry('a', 'x\ny\n')],
      [row('x\r\ny\r\n')],
      [attempt('a', 'x\r\ny\r\n')],
      'line-endings',
    ],
    [
      'the file was accepted as it is',
      [entry('a', 'y')],
      [row('x')],
      [attempt('a', 'x'), attempt('a', 'y', { kind: 'repair', resolution: 'accept-checksum' })],
      'applied',
    ],
    [
      'the file was edited again after it was accepted',
      [entry('a', 'z')],
      [row('x')],
      [attempt('a', 'x'), attempt('a', 'y', { kind: 'repair', resolution: 'accept-checksum' })],
      'edited',
    ],
    [
      'comments were added after it was accepted',
      [entry('a', '-- z\ny')],
      [row('x')],
      [attempt('a', 'x'), attempt('a', 'y', { kind: 'repair', resolution: 'accept-checksum' })],
      'comments-changed',
    ],
    [
      'an attempt that failed is no evidence',
      [entry('a', 'y')],
      [row('x')],
      [attempt('a', 'x', { state: 'failed' })],
      'edited-before-adoption',
    ],
    [
      'an answer about one statement is no evidence',
      [entry('a', 'y')],
      [row('x')],
      [attempt('a', 'y', { kind: 'repair', resolution: 'applied', inFlight: 0 })],
      'edited-before-adoption',
    ],
    // pass 4
    [
      'the checksum agrees, the time does not',
      [entry('a', 'x', T0 + 5)],
      [row('x')],
      [],
      'retimed',
    ],
    ['the row has no time', [entry('a', 'x')], [row('x', null)], [], 'retimed'],
    // pass 6
    ['nothing agrees', [entry('a', 'x')], [row('y', T0 + 1)], [], 'pending'],
    ['the ledger is empty', [entry('a', 'x')], [], [], 'pending'],
  ])('%s', (_case, migrations, rows, attempts, verdict) => {
    expect(verdictsOf(migrations, rows, attempts)).toEqual([verdict]);
  });

  it('gives a row without a name in a named ledger a hint, and takes it', () => {
    const migrations = journal(entry('a', 'x', T0, 'folder'), entry('b', 'y', T0 + 9000, 'folder'));
    const rows = [row('x', T0, 'a'), row('y', T0 + 9000)];
    expect(verdictsOf(migrations, rows)).toEqual(['applied', 'name-missing']);
  });

  it('is order-true for twins: an empty custom file never takes the row of another', () => {
    const twins = journal(entry('a', '', T0), entry('b', '', T0 + 1), entry('c', '', T0 + 2));
    const done = match(twins, [row('', T0), row('', T0 + 2)]);
    expect(done.entries.map(({ verdict }) => verdict)).toEqual(['applied', 'pending', 'applied']);
    expect(done.entries.map(({ outOfOrder }) => outOfOrder)).toEqual([false, true, false]);
    expect(verdictsOf(twins, [row('', T0), row('', T0 + 1)])).toEqual([
      'applied',
      'applied',
      'pending',
    ]);
  });

  it('takes two entries of one second apart by checksum', () => {
    const migrations = journal(entry('a', 'x', T0, 'folder'), entry('b', 'y', T0, 'folder'));
    expect(verdictsOf(migrations, [row('y', T0), row('x', T0)])).toEqual(['applied', 'applied']);
  });

  it('refuses to guess which of two edited entries of one time a row belongs to', () => {
    const migrations = journal(entry('a', 'x'), entry('b', 'y'));
    const { entries, unknown } = match(migrations, [row('z')]);
    expect(entries.map(({ verdict }) => verdict)).toEqual(['ambiguous', 'ambiguous']);
    expect(unknown).toHaveLength(1);
  });

  it('refuses to guess which of two rows without a time is ours', () => {
    const { entries } = match(journal(entry('a', 'x'), entry('b', 'x', T0 + 1)), [row('x', null)]);
    expect(entries.map(({ verdict }) => verdict)).toEqual(['ambiguous', 'ambiguous']);
  });

  it('sets rows that unlocked runs wrote twice aside, so that a twin file does not take one', () => {
    const rows = [row('x'), row('x'), row('x')];
    const { entries, duplicates, unknown } = match(
      journal(entry('a', 'x'), entry('b', 'x', T0 + 1)),
      rows,
    );
    expect(entries.map(({ verdict }) => verdict)).toEqual(['applied', 'pending']);
    expect(duplicates).toEqual(rows.slice(1));
    expect(unknown).toEqual([]);
  });

  it('lists what a newer build applied, and changes nothing about our own', () => {
    const ahead = row('new', T0 + 50_000);
    const { entries, unknown } = match(journal(entry('a', 'x')), [row('x'), ahead]);
    expect(entries.map(({ verdict }) => verdict)).toEqual(['applied']);
    expect(unknown).toEqual([ahead]);
  });

  it('calls an entry out of order when a later one is applied', () => {
    const migrations = journal(
      entry('a', 'x'),
      entry('late', 'y', T0 + 1),
      entry('b', 'z', T0 + 2),
      entry('next', 'w', T0 + 3),
    );
    const { entries } = match(migrations, [row('x'), row('z', T0 + 2)]);
    expect(entries.map(({ verdict, outOfOrder }) => [verdict, outOfOrder])).toEqual([
      ['applied', false],
      ['pending', true],
      ['applied', false],
      ['pending', false],
    ]);
  });

  it('asks for a token checksum only where the file differs', () => {
    const asked: string[] = [];
    const snapshot: LedgerSnapshot = {
      version: 'v0',
      rows: [row('x'), row('y', T0 + 1)],
      bootstrapped: false,
      attempts: [],
      empty: false,
    };
    matchLedger(journal(entry('a', 'x'), entry('b', 'edited', T0 + 1)), snapshot, ({ tag }) => {
      asked.push(tag);
      return null;
    });
    expect(asked).toEqual(['b']);
  });
});
