import { serverVariables } from './environment.js';
import { mariaDbSource } from './mariadb.js';
import { mysqlSource } from './mysql.js';
import { pgBouncerSource } from './pgbouncer.js';
import { postgres15Source } from './postgres-programs.js';
import { findServer, isAtHand, type ProgramSource } from './programs.js';
import { redisSource } from './redis.js';

/**
 * Unpacks what this machine lacks, once: later runs find it in the cache. It happens before the first spec, because a download does not fit
 * into the time limit of a test. Resolves to where the programs are; to undefined when one cannot be had, which is reported and left to the
 * specs that need it: they fail, the others still run.
 */
export async function provision(
  report: (line: string) => void,
): Promise<readonly string[] | undefined> {
  const wanted: ProgramSource[] = [];
  for (const source of sources()) if (!(await isAtHand(source))) wanted.push(source);
  if (wanted.length > 0) {
    report(`Unpacking ${wanted.map(({ title }) => title).join(', ')} into the cache, once ...`);
  }
  const worker = async (): Promise<void> => {
    for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
      await findServer(next).catch((error: unknown) => report(String(error)));
    }
  };
  await Promise.all([worker(), worker()]);
  const paths: string[] = [];
  for (const source of sources()) {
    if (!(await isAtHand(source))) return undefined;
    paths.push((await findServer(source)).path);
  }
  return paths;
}

/** The longest first. A server whose address is in the environment is not needed here. */
function sources(): readonly ProgramSource[] {
  const bySource: readonly (readonly [ProgramSource, readonly string[]])[] = [
    [mysqlSource, [serverVariables.mysql]],
    [postgres15Source, [serverVariables.postgres15]],
    [mariaDbSource, [serverVariables.mariadb]],
    [
      pgBouncerSource,
      [
        serverVariables['pgbouncer-transaction-postgres18'],
        serverVariables['pgbouncer-session-postgres18'],
      ],
    ],
    [redisSource, [serverVariables.redis]],
  ];
  return bySource
    .filter(([, variables]) => variables.some((variable) => !process.env[variable]))
    .map(([source]) => source);
}
