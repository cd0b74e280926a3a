import { fileURLToPath } from 'node:url';

/**
 * Folders of 30 and more migrations, written as production teams write them, in the journal layout. Stock `migrate()` of 0.45 runs them on an
 * empty database, on Postgres 15 and later, MySQL 8 and later and MariaDB 10.6 and later.
 */
export const productionFolders = {
  postgresql: fileURLToPath(new URL('./production-postgres', import.meta.url)),
  mysql: fileURLToPath(new URL('./production-mysql', import.meta.url)),
} as const;
