import { type FoundProgram, findServer, type ProgramSource } from '../servers/programs.js';

/** `pg_dump` refuses servers newer than itself, so the newest of the matrix dumps them all. */
const source: ProgramSource = {
  title: 'pg_dump 18',
  suite: 'sid',
  package: 'postgresql-client-18',
  programs: ['usr/lib/postgresql/18/bin/pg_dump'],
  names: ['pg_dump'],
  places: ['/usr/lib/postgresql/18/bin'],
  version: /\(PostgreSQL\) (1[89]|[2-9]\d)/,
  variable: 'TEST_POSTGRES_URL',
};

/** A `pg_dump` that understands every server of the tests. */
export async function pgDumpProgram(): Promise<string> {
  const { path }: FoundProgram = await findServer(source);
  return path;
}
