import type { Session } from '../../database/database.js';
import { quoteIdentifier } from '../../database/identifiers.js';
import { MigratorError } from '../../errors.js';
import type { Classification, ObjectName, Statement } from '../../statements/statement.js';
import { placeOf } from '../failure.js';
import type { AutocommitWork } from '../dialect-run.js';

type Concurrent = NonNullable<Classification['concurrent']>;
interface IndexState {
  readonly name: string;
  readonly schema: string;
  readonly valid: boolean;
}

/** Indexes by name (the table's schema counts for a name without one), or all of a table. */
const INDEX_STATE = `
  select c.relname as name, n.nspname as schema, i.indisvalid as valid
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
   where ($1::text is not null and c.relname = $1
          and (($2::text is not null and n.nspname = $2) or ($2::text is null and pg_table_is_visible(i.indrelid))))
      or ($1::text is null and i.indrelid = to_regclass($3))`;

/**
 * A statement that builds or drops an index CONCURRENTLY, made safe to repeat (locks.md 8, expand-contract.md 4).
 *
 * | found before | answer |
 * | --- | --- |
 * | an invalid index of that name | drop it concurrently, build again, also under IF NOT EXISTS, which would skip it |
 * | a valid one, and an earlier attempt may have built it | done |
 * | none, and an earlier attempt may have dropped it | done (DROP INDEX) |
 * | invalid `_ccnew` or `_ccold`, and an earlier attempt may have begun to REINDEX | drop them concurrently, reindex again |
 * | anything else | run the statement as it stands |
 *
 * Afterwards the index must be valid; if not it is built once more, then the migration fails.
 */
export async function runConcurrently(
  session: Session,
  statement: Statement & { readonly is: Classification },
  work: AutocommitWork,
): Promise<void> {
  const concurrent = statement.is.concurrent;
  if (concurrent === null) throw new TypeError('not a concurrent statement');
  if (concurrent.verb === 'create index') await createIndex(session, statement, concurrent, work);
  else if (concurrent.verb === 'drop index') await dropIndex(session, statement, concurrent, work);
  else {
    if (concurrent.verb === 'reindex' && work.mayHaveRun) {
      await dropUnfinished(session, concurrent, work);
    }
    await session.execute(statement.sql);
  }
}

async function createIndex(
  session: Session,
  statement: Statement,
  concurrent: Concurrent,
  work: AutocommitWork,
): Promise<void> {
  const before = await indexes(session, concurrent);
  const named = concurrent.index !== null;
  if (named && work.mayHaveRun && before.some((index) => index.valid)) return;
  if (named) await dropInvalid(session, before, work);

  for (const lastTry of [false, true]) {
    try {
      await session.execute(statement.sql);
    } catch (error) {
      // A failed build leaves an invalid index that costs every write and, if unique, already rejects rows.
      if (!session.lost.aborted) {
        await dropInvalid(session, newOnes(before, await indexes(session, concurrent)), work).catch(
          () => undefined,
        );
      }
      throw error;
    }
    const invalid = newOnes(named ? [] : before, await indexes(session, concurrent)).filter(
      (index) => !index.valid,
    );
    if (invalid.length === 0) return;
    if (lastTry) throw stillInvalid(invalid, work);
    await dropInvalid(session, invalid, work);
  }
}

async function dropIndex(
  session: Session,
  statement: Statement,
  concurrent: Concurrent,
  work: AutocommitWork,
): Promise<void> {
  if (
    work.mayHaveRun &&
    concurrent.index !== null &&
    (await indexes(session, concurrent)).length === 0
  )
    return;
  await session.execute(statement.sql);
}

/**
 * What an interrupted REINDEX leaves: the new index, or after the swap the old one, invalid and kept up by every write.
 * @see https://www.postgresql.org/docs/current/sql-reindex.html (Rebuilding Indexes Concurrently)
 */
const UNFINISHED = `
  select c.relname as name, n.nspname as schema, i.indisvalid as valid
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
   where not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$' and n.nspname not like 'pg\\_toast%'
     and pg_has_role(c.relowner, 'usage')
     and ($1::text is null
          or i.indrelid = coalesce((select indrelid from pg_index where indexrelid = to_regclass($1)), to_regclass($1)))`;

async function dropUnfinished(
  session: Session,
  { index, table }: Concurrent,
  work: AutocommitWork,
): Promise<void> {
  const object = index ?? table;
  const found = await session.query<IndexState & Record<string, unknown>>(UNFINISHED, [
    object === null ? null : qualified(object),
  ]);
  await dropInvalid(session, found, work);
}

async function indexes(session: Session, concurrent: Concurrent): Promise<readonly IndexState[]> {
  const { index, table } = concurrent;
  return session.query<IndexState & Record<string, unknown>>(INDEX_STATE, [
    index?.name ?? null,
    index?.schema ?? table?.schema ?? null,
    table === null ? null : qualified(table),
  ]);
}

function newOnes(
  before: readonly IndexState[],
  after: readonly IndexState[],
): readonly IndexState[] {
  const known = new Set(
    before.filter((index) => index.valid).map((index) => `${index.schema}.${index.name}`),
  );
  return after.filter((index) => !known.has(`${index.schema}.${index.name}`));
}

async function dropInvalid(
  session: Session,
  found: readonly IndexState[],
  work: AutocommitWork,
): Promise<void> {
  for (const index of found.filter((candidate) => !candidate.valid)) {
    await session.query(
      `drop index concurrently if exists ${quoteIdentifier('postgresql', index.schema)}.${quoteIdentifier('postgresql', index.name)}`,
    );
    work.onIndexRebuilt(index.name);
  }
}

function qualified(object: ObjectName): string {
  const name = quoteIdentifier('postgresql', object.name);
  return object.schema === null ? name : `${quoteIdentifier('postgresql', object.schema)}.${name}`;
}

function stillInvalid(invalid: readonly IndexState[], work: AutocommitWork): MigratorError {
  const names = invalid.map((index) => index.name);
  return new MigratorError('INDEX_INVALID', {
    message: `Index ${names.join(', ')} was built twice and is invalid both times.`,
    place: placeOf(work.action.migration, work.step),
    state: 'The invalid index is still there: it serves no query and costs every write.',
    remedy: `Find what cancels the build (a time-out of the role, a deadlock), drop the index, then run nest-migrate up again.`,
    details: { indexes: names },
  });
}
