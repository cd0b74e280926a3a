import { isMigratorError, MigratorError } from '../errors.js';
import type { ConnectionTarget } from './connection-targets.js';
import { driverFacts } from './driver-facts.js';

/** How long the second connection and the answers of both may take; a pooler in session mode may have no backend left for it. */
export const POOLER_TEST_TIMEOUT_MS = 2000;

/**
 * Whether an address looks like that of a pooler: `pgbouncer=true`, the usual ports of PgBouncer (6432) and Supabase (6543), Neon's and Supabase's
 * pooler hosts, RDS Proxy, ProxySQL (6033). Only a hint, since a pooler in session mode lives there as well: it makes the behaviour test mandatory.
 */
export function looksPooled({
  settings,
  url,
}: Pick<ConnectionTarget, 'settings' | 'url'>): boolean {
  const port = Number(settings['port']);
  const host = typeof settings['host'] === 'string' ? settings['host'] : '';
  return (
    port === 6432 ||
    port === 6543 ||
    port === 6033 ||
    /-pooler\.|\.pooler\.|\.proxy-[a-z0-9]+\./i.test(host) ||
    (url !== null && /[?&]pgbouncer=true/i.test(url))
  );
}

/** The two connections of the test; each answers with the id of the backend that it reaches. */
export interface PoolerTest {
  readonly label: string;
  /** Our session's backend, as it answered before. */
  readonly backendId: string;
  /** Asks our session again, outside a transaction. */
  ask(): Promise<string>;
  /** Opens a second connection, begins a transaction on it, asks, and calls `during` before it ends. */
  askInTransactionElsewhere(during: (backendId: string) => Promise<void>): Promise<void>;
}

/**
 * Whether our session keeps its backend although others work: a second connection begins a transaction. A transaction pooler gives it
 * the backend that served us last (PgBouncer: last in, first out), or, where several are idle, may move us to another one. A direct
 * connection, or a pooler in session mode, can do neither. Conclusive on a quiet pooler; on a busy one the fence is the backstop.
 * @throws {MigratorError} `POOLER_DETECTED`
 */
export async function assertKeepsBackend(test: PoolerTest): Promise<void> {
  try {
    await test.askInTransactionElsewhere(async (other) => {
      if (other === test.backendId || (await test.ask()) !== test.backendId) {
        throw poolerDetected(test.label);
      }
    });
  } catch (error) {
    if (isMigratorError(error) && error.code === 'POOLER_DETECTED') throw error;
    // PgBouncer in statement mode refuses transactions as a protocol violation. Other refusals (no connection left) prove nothing.
    if (driverFacts(error).code === '08P01') throw poolerDetected(test.label);
  }
}

function poolerDetected(label: string): MigratorError {
  return new MigratorError('POOLER_DETECTED', {
    message: `${label} leads through a transaction pooler: the statements of one session reach different server sessions, so a session lock protects nothing there.`,
    state: 'Nothing was changed.',
    remedy:
      'Give the runner a direct address: database.migrationUrl, or MIGRATION_DATABASE_URL. Replicas may stay behind the pooler.',
  });
}
