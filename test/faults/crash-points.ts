import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { createMigrator, isMigratorError, type Migrator } from '../../src/index.js';
import { dumpRows, dumpSchema } from '../journals/schema-dump.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import type { DatabaseServer, TestDatabase } from '../servers/index.js';
import { inconsistencies, ledgerRows } from './consistent-ledger.js';
import type { FaultFolder } from './folders.js';
import { runToEnd } from './runner-process.js';

/** A point of a run's conversation with its server. */
export interface CrashPoint {
  readonly n: number;
  readonly moment: 'before' | 'sent' | 'after';
  readonly sql: string;
}

/** What a database looks like when everything has been applied. */
interface EndState {
  readonly schema: string;
  readonly rows: string;
  readonly ledger: readonly string[];
}

/** What a folder comes to undisturbed, and every point at which its runner can die. */
export interface Undisturbed {
  readonly folder: FaultFolder;
  readonly journal: WrittenJournal;
  readonly points: readonly CrashPoint[];
  readonly end: EndState;
}

/** How a crash was got over. */
export interface Recovery {
  readonly point: CrashPoint;
  /** `tag statement` that needed a repair; null = the next run did it alone. */
  readonly repaired: string | null;
  /** What is not as it would be without the crash; empty = nothing. */
  readonly wrong: readonly string[];
}

/** Applies the folder in a process of its own and writes down every point of it. */
export async function undisturbed(
  server: DatabaseServer,
  folder: FaultFolder,
): Promise<Undisturbed> {
  const journal = await writeJournal(folder.migrations, { dialect: server.dialect });
  const database = await server.createDatabase();
  const log = join(tmpdir(), `points-${randomUUID()}`);
  try {
    const outcome = await runToEnd({
      url: database.url,
      folder: journal.folder,
      preload: ['die-at.mjs'],
      env: { DIE_LOG: log },
    });
    if (outcome.exitCode !== 0) throw new Error(`the folder itself fails:\n${outcome.stderr}`);
    const text = await readFile(log, 'utf8');
    const all = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as CrashPoint);
    return { folder, journal, points: distinct(all), end: await endState(database) };
  } finally {
    await database.drop();
    await rm(log, { force: true });
  }
}

/** Kills a runner at the point, runs again in this process, and compares. */
export async function recover(
  server: DatabaseServer,
  { folder, journal, end }: Undisturbed,
  point: CrashPoint,
): Promise<Recovery> {
  const database = await server.createDatabase();
  const migrator = createMigrator({
    database: { dialect: server.dialect, url: database.url },
    migrations: journal.folder,
    lock: { pollMinMs: 20, pollMaxMs: 100 },
  });
  try {
    const killed = await runToEnd({
      url: database.url,
      folder: journal.folder,
      preload: ['die-at.mjs'],
      env: { DIE_AT: String(point.n) },
    });
    if (killed.signal !== 'SIGKILL') {
      return {
        point,
        repaired: null,
        wrong: [`not reached, exit ${killed.exitCode}: ${killed.stderr}`],
      };
    }
    const wrong: string[] = [];
    const repaired = await runAgain(migrator, database, folder, wrong);
    wrong.push(...(await differences(database, end, journal.names)));
    if ((await migrator.status()).lock.session !== null) wrong.push('the lock is held');
    return { point, repaired, wrong };
  } catch (error) {
    return {
      point,
      repaired: null,
      wrong: [isMigratorError(error) ? JSON.stringify(error) : String(error)],
    };
  } finally {
    await migrator.close();
    await database.drop();
  }
}

/** Runs again; where nothing can decide, answers as an operator does who looked at the data. */
async function runAgain(
  migrator: Migrator,
  database: TestDatabase,
  folder: FaultFolder,
  wrong: string[],
): Promise<string | null> {
  try {
    await migrator.up();
    return null;
  } catch (error) {
    if (!isMigratorError(error) || error.code !== 'ATTEMPT_INTERRUPTED') throw error;
    const { migration = '', statement } = error.place;
    const inDoubt = `${migration} ${statement}`;
    const tookEffect = folder.undecidable.get(inDoubt);
    if (tookEffect === undefined) throw error;
    const status = await migrator.status();
    const state = status.migrations.find(({ tag }) => tag === migration)?.attempt?.state;
    if (state !== 'interrupted') wrong.push(`${migration} is ${state} after exit 5`);
    const answer = (await tookEffect(database)) ? 'applied' : 'rolled-back';
    if (!error.remedy.includes(`nest-migrate repair ${migration} ${answer}`)) {
      wrong.push(`the remedy does not name the repair: ${error.remedy}`);
    }
    await migrator.repair(migration, answer, { reason: 'looked at the data' });
    await migrator.up();
    return inDoubt;
  }
}

/** Kills one runner after the other, each a fixed number of points after its first statement, until one comes to the end. */
export async function killedAgainAndAgain(
  server: DatabaseServer,
  { folder, journal, end }: Undisturbed,
): Promise<{ readonly runs: number; readonly wrong: readonly string[] }> {
  const database = await server.createDatabase();
  const migrator = createMigrator({
    database: { dialect: server.dialect, url: database.url },
    migrations: journal.folder,
    lock: { pollMinMs: 20, pollMaxMs: 100 },
  });
  const wrong: string[] = [];
  try {
    for (let runs = 1; runs < 100; runs++) {
      const { signal, exitCode, document, stderr } = await runToEnd({
        url: database.url,
        folder: journal.folder,
        preload: ['die-at.mjs'],
        env: { DIE_AFTER_STATEMENTS: '3' },
      });
      if (exitCode === 0) {
        wrong.push(...(await differences(database, end, journal.names)));
        return { runs, wrong };
      }
      if (signal === 'SIGKILL') continue;
      const { migration = '', statement } = document?.error?.place ?? {};
      const tookEffect = folder.undecidable.get(`${migration} ${statement}`);
      if (exitCode !== 5 || tookEffect === undefined) {
        return { runs, wrong: [`exit ${exitCode}: ${stderr}`] };
      }
      const answer = (await tookEffect(database)) ? 'applied' : 'rolled-back';
      await migrator.repair(migration, answer, { reason: 'looked at the data' });
    }
    return { runs: 100, wrong: ['it never came to an end'] };
  } finally {
    await migrator.close();
    await database.drop();
  }
}

async function differences(
  database: TestDatabase,
  end: EndState,
  tags: readonly string[],
): Promise<readonly string[]> {
  const now = await endState(database);
  const wrong: string[] = [];
  for (const part of ['schema', 'rows'] as const) {
    if (now[part] !== end[part]) {
      wrong.push(`${part} differ:\n${firstDifference(end[part], now[part])}`);
    }
  }
  if (now.ledger.join() !== end.ledger.join()) wrong.push(`ledger: ${now.ledger.join(' | ')}`);
  return [...wrong, ...(await inconsistencies(database, tags))];
}

async function endState(database: TestDatabase): Promise<EndState> {
  const [schema, rows, ledger] = await Promise.all([
    dumpSchema(database.url),
    dumpRows(database.url),
    ledgerRows(database),
  ]);
  return { schema, rows, ledger };
}

/**
 * Points that leave the server in different states. What comes right behind an answer is the same as that answer; a query that is on
 * its way matters where it changes something.
 */
export function distinct(points: readonly CrashPoint[]): readonly CrashPoint[] {
  return points.filter(({ moment, sql }, index) => {
    if (moment === 'after') return true;
    if (moment === 'before') return points[index - 1]?.moment !== 'after';
    return /^\s*(create|alter|drop|rename|truncate|call|insert|update|vacuum|reindex|commit)\b/i.test(
      sql,
    );
  });
}

export function firstDifference(expected: string, actual: string): string {
  const [a, b] = [expected.split('\n'), actual.split('\n')];
  const at = a.findIndex((line, index) => line !== b[index]);
  return at === -1 ? `more: ${b[a.length]}` : `expected ${a[at]}\nactual   ${b[at]}`;
}

/** Works through items, a few at a time. */
export async function each<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const left = [...items.entries()];
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      results[next[0]] = await work(next[1]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}

/** For a test's message. */
export function describePoint({ n, moment, sql }: CrashPoint): string {
  return `point ${n}, ${moment} ${sql.replaceAll(/\s+/g, ' ').slice(0, 90)}`;
}
