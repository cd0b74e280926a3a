import type { MigratorOptions } from '../../src/options.js';

/** Nobody listens there: making a migrator connects to nothing. */
export const UNREACHABLE: MigratorOptions = {
  database: { dialect: 'postgresql', url: 'postgres://user:canary-7f3a@127.0.0.1:1/none' },
  migrations: new URL('../journals/production-postgres', import.meta.url),
};
