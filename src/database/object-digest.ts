/** Only MySQL and MariaDB need it: on Postgres work and ledger share a transaction. */
export { objectDigest } from './mysql/object-digest.js';
