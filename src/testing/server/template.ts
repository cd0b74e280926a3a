import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { StatementError, type Session } from '../../database/database.js';
import { quoteIdentifier } from '../../database/identifiers.js';
import { MigratorError } from '../../errors.js';
import { createIn, dropIn, NAME_PREFIX } from './scratch-database.js';
import type { TestServer } from './test-server.js';

/** What a template is made of. */
export interface TemplatePlan {
  /** Hash of what stays the same while a project goes on: its folder and how it is migrated. */
  readonly project: string;
  /** Hash of what is in it. */
  readonly content: string;
  /** Brings an empty database to it. */
  build(url: string): Promise<void>;
}

/** SQLSTATE: somebody else has made it meanwhile. */
const DUPLICATE_DATABASE = '42P04';
/** SQLSTATE: somebody has dropped the template meanwhile. */
const NO_SUCH_DATABASE = '3D000';
/** The lock is one of the database that the URL names; for workers with different ones the unique name decides. */
const LOCK_NAMESPACE = 'nest-migrate:test-template';
const WAIT_MS = 300_000;
const POLL_MS = 50;
const TRIES = 5;

/**
 * Makes a database as a copy of a template, and the template first where there is none yet. Many processes may do so at once: one builds, under an
 * advisory lock and a name of its own; the template's name is given to what is complete, in one statement.
 *
 * @param session of the server, in a database that nothing is done to
 * @param name of the copy
 */
export async function copyOfTemplate(
  server: TestServer,
  session: Session,
  name: string,
  plan: TemplatePlan,
): Promise<void> {
  const template = `${NAME_PREFIX}tpl_${plan.project}_${plan.content}`;
  for (let tries = 1; ; tries += 1) {
    if (!(await exists(session, template))) await underLock(session, server, template, plan);
    try {
      await createIn(session, name, template);
      return;
    } catch (error) {
      // A worker of another state of the same project has just cleaned up.
      if (!hasState(error, NO_SUCH_DATABASE) || tries === TRIES) throw error;
    }
  }
}

async function underLock(
  session: Session,
  server: TestServer,
  template: string,
  plan: TemplatePlan,
): Promise<void> {
  const key = `${LOCK_NAMESPACE}:${plan.project}`;
  await lock(session, key);
  try {
    if (await exists(session, template)) return;
    await build(session, server, template, plan);
    await dropOlder(session, template, plan);
  } finally {
    await session.query('select pg_advisory_unlock(hashtextextended($1, 0))', [key]);
  }
}

/** Polled: a session that waits inside a statement would hold a snapshot for as long. */
async function lock(session: Session, key: string): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const [row] = await session.query<{ readonly got: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as got',
      [key],
    );
    if (row?.got === true) return;
    if (performance.now() > deadline)
      throw new MigratorError('WAIT_TIMEOUT', {
        message: `Another process has been building the template of this journal for ${WAIT_MS / 1000} s.`,
        state: 'No database was made.',
        remedy:
          'Look what it does, or end it: its sessions have the application name nest-migrate.',
      });
    await delay(POLL_MS);
  }
}

async function build(
  session: Session,
  server: TestServer,
  template: string,
  plan: TemplatePlan,
): Promise<void> {
  const name = `${NAME_PREFIX}${randomBytes(8).toString('hex')}`;
  const quoted = quoteIdentifier('postgresql', name);
  await createIn(session, name, null);
  try {
    await plan.build(server.urlOf(name));
    await session.query(`comment on database ${quoted} is '${markOf(plan)}'`);
    // A template that somebody is connected to cannot be copied.
    await session.query(`alter database ${quoted} with allow_connections false`);
    await session.query(
      `alter database ${quoted} rename to ${quoteIdentifier('postgresql', template)}`,
    );
  } catch (error) {
    await dropIn(session, name);
    if (!hasState(error, DUPLICATE_DATABASE)) throw error;
  }
}

/** Templates that older states of the same project have left. Best effort: what is in use, or another login's, stays. */
async function dropOlder(session: Session, template: string, plan: TemplatePlan): Promise<void> {
  const older = await session.query<{ readonly name: string }>(
    `select datname::text as name from pg_catalog.pg_database
      where starts_with(datname::text, $1) and datname <> $2 and pg_catalog.shobj_description(oid, 'pg_database') = $3`,
    [`${NAME_PREFIX}tpl_${plan.project}_`, template, markOf(plan)],
  );
  for (const { name } of older)
    await dropIn(session, name).catch((error: unknown) => {
      if (!(error instanceof StatementError)) throw error;
    });
}

/** By this it is known that the kit has made it; the hash is hexadecimal. */
function markOf({ project }: TemplatePlan): string {
  return `template of nestjs-drizzle-migrator/testing, project ${project}`;
}

async function exists(session: Session, template: string): Promise<boolean> {
  const rows = await session.query('select 1 from pg_catalog.pg_database where datname = $1', [
    template,
  ]);
  return rows.length > 0;
}

function hasState(error: unknown, state: string): boolean {
  return error instanceof StatementError && error.facts.code === state;
}
