import type { TestDatabase } from '../servers/index.js';

interface AttemptRow {
  readonly id: string;
  readonly tag: string;
  readonly state: string;
  readonly statements: string;
  readonly cursor_: string;
  readonly in_flight: string | null;
  readonly fence: string;
}

/** What the ledger says, in a form to compare: Drizzle's rows in order. */
export async function ledgerRows(database: TestDatabase): Promise<readonly string[]> {
  const rows = await database.query<{ readonly line: string }>(
    `select concat(hash, ' ', created_at) as line from ${own(database, '__drizzle_migrations')} order by id`,
  );
  return rows.map(({ line }) => line);
}

/**
 * What is wrong with the attempts: exactly one `done` a tag and nothing after it, all complete, none `running`, fences that never
 * fall. Empty when all is well.
 */
export async function inconsistencies(
  database: TestDatabase,
  tags: readonly string[],
): Promise<readonly string[]> {
  const text = (column: string): string =>
    database.url.startsWith('mysql') ? `cast(${column} as char)` : `${column}::text`;
  const attempts = await database.query<AttemptRow>(
    `select ${text('id')} as id, tag, state, ${text('statements')} as statements, ${text('statement_cursor')} as cursor_,
            ${text('in_flight')} as in_flight, ${text('fence')} as fence
       from ${own(database, 'migration_attempts')} where kind = 'migration' order by migration_attempts.id`,
  );
  const wrong: string[] = [];
  for (const tag of tags) {
    const own = attempts.filter((attempt) => attempt.tag === tag);
    if (own.filter(({ state }) => state === 'done').length !== 1 || own.at(-1)?.state !== 'done') {
      wrong.push(`${tag}: ${own.map(({ state }) => state).join(', ') || 'no attempt'}`);
    }
  }
  for (const attempt of attempts) {
    if (attempt.state === 'running') wrong.push(`${attempt.tag}: still running`);
    if (attempt.state !== 'done') continue;
    const cursor = attempt.cursor_;
    if (attempt.in_flight !== null || cursor !== attempt.statements) {
      wrong.push(`${attempt.tag}: done at ${cursor} of ${attempt.statements}`);
    }
  }
  for (const [index, { fence }] of attempts.entries()) {
    const before = attempts[index - 1]?.fence;
    if (before !== undefined && BigInt(before) > BigInt(fence))
      wrong.push(`fence ${before} before ${fence}`);
  }
  return wrong;
}

/** Attempts of one migration, oldest first, as `state cursor/in flight`. */
export async function attemptsOf(database: TestDatabase, tag: string): Promise<readonly string[]> {
  const rows = await database.query<{ readonly line: string }>(
    `select concat(state, ' ', statement_cursor, '/', case when in_flight is null then '-' else concat(in_flight, '') end) as line
       from ${own(database, 'migration_attempts')} where tag = '${tag}' and kind = 'migration' order by id`,
  );
  return rows.map(({ line }) => line);
}

/** One of our own tables, or Drizzle's, as it stands in SQL. */
export function own(database: TestDatabase, table: string): string {
  return database.url.startsWith('mysql') ? table : `drizzle.${table}`;
}
