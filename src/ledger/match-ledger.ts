import type { Migration } from '../journal/journal.js';
import type { Attempt, LedgerMatch, LedgerRow, LedgerSnapshot, Match, Verdict } from './ledger.js';

/** The checksum over a migration's tokens; asked for only where the file's own checksum does not match, because it costs parsing. */
export type TokenChecksumOf = (migration: Migration) => string | null;

/**
 * Lays the journal over the ledger. Pure but for reading the files whose checksum differs. Passes, in order; each takes at most one row an entry:
 * 1. the row has our name: `applied`, or what {@link judgeEdit} says;
 * 2. time and hash agree: `applied`; under another name `renamed`; without a name in a v1 ledger `name-missing`;
 *    rows that repeat a row taken so far are duplicates from here on, so that a twin file never claims them;
 * 3. an unnamed row has our time, and nobody else on either side has it: what {@link judgeEdit} says;
 * 4. hash agrees, unique on both sides: `retimed`;
 * 5. an entry left over shares time or hash with a row left over: `ambiguous`;
 * 6. entries left: `pending`, out of order where a later entry is applied;
 * 7. rows left: `unknown`.
 *
 * Time is compared in milliseconds between a 0.x entry and an unnamed row, in whole seconds otherwise: drizzle-kit's upgrade to 1.x cuts milliseconds.
 */
export function matchLedger(
  migrations: readonly Migration[],
  snapshot: LedgerSnapshot,
  tokenChecksumOf: TokenChecksumOf = () => null,
): LedgerMatch {
  const table = new MatchTable(migrations, snapshot, tokenChecksumOf);
  table.matchNames();
  table.matchTimesAndHashes();
  table.setDuplicatesAside();
  table.matchTimes();
  table.matchHashes();
  table.findAmbiguous();
  return table.result();
}

interface Taken {
  readonly verdict: Verdict;
  readonly row: LedgerRow | null;
}

class MatchTable {
  readonly #taken = new Map<Migration, Taken>();
  readonly #duplicates: LedgerRow[] = [];
  readonly #evidence: ReadonlyMap<string, readonly Attempt[]>;
  #rows: readonly LedgerRow[];

  constructor(
    private readonly migrations: readonly Migration[],
    private readonly snapshot: LedgerSnapshot,
    private readonly tokenChecksumOf: TokenChecksumOf,
  ) {
    this.#rows = snapshot.rows;
    this.#evidence = groupBy(snapshot.attempts.filter(showsApplied), ({ tag }) => tag);
  }

  matchNames(): void {
    const rows = groupBy(
      this.#rows.filter(({ name }) => name !== null),
      ({ name }) => name ?? '',
    );
    this.#each((migration) => {
      const candidates = rows.get(migration.tag);
      if (!candidates) return;
      const exact = candidates.find(({ hash }) => hash === migration.checksum);
      const row = exact ?? candidates[0];
      if (row) this.#take(migration, row, exact ? 'applied' : this.#judgeEdit(migration, row));
    });
    this.#forgetTaken();
  }

  matchTimesAndHashes(): void {
    const rows = groupBy(this.#rows, ({ hash }) => hash);
    const used = new Set<LedgerRow>();
    this.#each((migration) => {
      const row = rows
        .get(migration.checksum)
        ?.find((candidate) => !used.has(candidate) && sameTime(migration, candidate));
      if (!row) return;
      used.add(row);
      this.#take(migration, row, this.#nameVerdict(migration, row));
    });
    this.#forgetTaken();
  }

  setDuplicatesAside(): void {
    const rows = [...this.#taken.values()].flatMap(({ row }) => row ?? []);
    const known = new Set(rows.map(identity));
    const names = new Set(rows.flatMap(({ name }) => name ?? []));
    const repeats = (row: LedgerRow): boolean =>
      known.has(identity(row)) || (row.name !== null && names.has(row.name));
    this.#duplicates.push(...this.#rows.filter(repeats));
    this.#rows = this.#rows.filter((row) => !repeats(row));
  }

  matchTimes(): void {
    const unnamed = this.#rows.filter(({ name }) => name === null);
    this.#matchUnique(
      (row) => timesOf(row),
      (migration) => timeKeys(migration),
      unnamed,
      (migration, row) => this.#judgeEdit(migration, row),
    );
  }

  matchHashes(): void {
    this.#matchUnique(
      (row) => [row.hash],
      (migration) => [migration.checksum],
      this.#rows,
      () => 'retimed',
    );
  }

  findAmbiguous(): void {
    const hashes = new Set(this.#rows.map(({ hash }) => hash));
    const times = new Set(this.#rows.flatMap((row) => timesOf(row)));
    this.#each((migration) => {
      if (hashes.has(migration.checksum) || timeKeys(migration).some((key) => times.has(key)))
        this.#taken.set(migration, { verdict: 'ambiguous', row: null });
    });
  }

  result(): LedgerMatch {
    const entries: Match[] = [];
    let appliedBehind = false;
    for (const migration of this.migrations.toReversed()) {
      const { verdict, row } = this.#taken.get(migration) ?? { verdict: 'pending', row: null };
      const pending = verdict === 'pending';
      if (!pending && verdict !== 'ambiguous') appliedBehind = true;
      const { tag, position } = migration;
      entries.push({ tag, position, verdict, row, outOfOrder: pending && appliedBehind });
    }
    return { entries: entries.reverse(), unknown: this.#rows, duplicates: this.#duplicates };
  }

  /**
   * What a file that differs from its row is. Cases, in order:
   * 1. a `repair ... accept-checksum` accepted it as it is now: `applied`;
   * 2. it is the recorded file with other line ends: `line-endings`;
   * 3. it has the tokens of what we applied: `comments-changed`;
   * 4. we applied or baselined it: `edited`;
   * 5. stock applied it, which never compared anything: `edited-before-adoption`.
   */
  #judgeEdit(migration: Migration, row: LedgerRow): Verdict {
    const evidence = this.#evidence.get(migration.tag) ?? [];
    const { checksum } = migration;
    // Rows are in the order of their ids: an edit after the acceptance has another checksum again.
    if (evidence.some(({ fileChecksum }) => fileChecksum === checksum)) return 'applied';
    const recorded = new Set([row.hash, ...evidence.map(({ fileChecksum }) => fileChecksum)]);
    if (migration.lineEndingChecksums().some((variant) => recorded.has(variant)))
      return 'line-endings';
    const tokens = this.tokenChecksumOf(migration);
    if (tokens !== null && evidence.some(({ tokenChecksum }) => tokenChecksum === tokens))
      return 'comments-changed';
    return evidence.length > 0 ? 'edited' : 'edited-before-adoption';
  }

  #nameVerdict(migration: Migration, row: LedgerRow): Verdict {
    // A 0.x entry has no name that a v1 row could have: drizzle-kit's upgrade made it up.
    if (this.snapshot.version !== 'v1' || migration.layout === 'journal') return 'applied';
    return row.name === null ? 'name-missing' : 'renamed';
  }

  /** Takes pairs whose key occurs once among the entries left and once among the rows. */
  #matchUnique(
    keysOfRow: (row: LedgerRow) => readonly string[],
    keysOf: (migration: Migration) => readonly string[],
    candidates: readonly LedgerRow[],
    verdict: (migration: Migration, row: LedgerRow) => Verdict,
  ): void {
    const left = this.migrations.filter((migration) => !this.#taken.has(migration));
    const entries = groupByAll(left, keysOf);
    const rows = groupByAll(candidates, keysOfRow);
    const used = new Set<LedgerRow>();
    for (const [key, [migration, ...others]] of entries) {
      const [row, ...twins] = rows.get(key) ?? [];
      if (!migration || !row || others.length > 0 || twins.length > 0 || used.has(row)) continue;
      used.add(row);
      this.#take(migration, row, verdict(migration, row));
    }
    this.#forgetTaken();
  }

  #take(migration: Migration, row: LedgerRow, verdict: Verdict): void {
    this.#taken.set(migration, { verdict, row });
  }

  #each(visit: (migration: Migration) => void): void {
    for (const migration of this.migrations) if (!this.#taken.has(migration)) visit(migration);
  }

  #forgetTaken(): void {
    const taken = new Set([...this.#taken.values()].map(({ row }) => row));
    this.#rows = this.#rows.filter((row) => !taken.has(row));
  }
}

/** Whether an attempt says that its migration, with its checksums, is in this database. An answer about one statement does not. */
function showsApplied({ kind, state, resolution, inFlight }: Attempt): boolean {
  if (kind === 'repair') return resolution !== 'rolled-back' && inFlight === null;
  return state === 'done' && (kind === 'migration' || kind === 'baseline');
}

/** Hash and time of a row: what makes another row its duplicate. */
function identity({ hash, createdAt }: LedgerRow): string {
  return `${hash} ${createdAt ?? 'null'}`;
}

function sameTime(migration: Migration, row: LedgerRow): boolean {
  const times = timesOf(row);
  return timeKeys(migration).some((key) => times.includes(key));
}

/** A 0.x entry meets unnamed rows by the millisecond (`ms`) and named ones by the second (`named s`); a 1.x entry knows seconds only (`s`). */
function timeKeys({ layout, createdAtMs }: Migration): readonly string[] {
  const second = Math.floor(createdAtMs / 1000);
  return layout === 'journal' ? [`ms ${createdAtMs}`, `named s ${second}`] : [`s ${second}`];
}

/** The keys under which a row's time may be looked up; none when it has no time. */
function timesOf({ createdAt, name }: LedgerRow): readonly string[] {
  if (createdAt === null) return [];
  const second = BigInt(createdAt) / 1000n;
  return name === null ? [`ms ${createdAt}`, `s ${second}`] : [`named s ${second}`, `s ${second}`];
}

function groupBy<Value>(
  values: readonly Value[],
  keyOf: (value: Value) => string,
): Map<string, Value[]> {
  return groupByAll(values, (value) => [keyOf(value)]);
}

function groupByAll<Value>(
  values: readonly Value[],
  keysOf: (value: Value) => readonly string[],
): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of values)
    for (const key of keysOf(value)) {
      const group = groups.get(key);
      if (group) group.push(value);
      else groups.set(key, [value]);
    }
  return groups;
}
