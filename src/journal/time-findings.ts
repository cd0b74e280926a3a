import type { Finding } from '../run-events.js';
import type { Migration } from './journal.js';

/** How far ahead of this host's clock a migration may be dated without a word: clocks differ. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * What the times of the entries give rise to. Cases, per entry:
 * 1. older than an entry before it: stock 0.x skips it silently where the later one was applied first;
 * 2. the same second as an entry before it: the 1.x ledger upgrade can then tell them apart by checksum only;
 * 3. dated in the future: stock 0.x skips everything generated before that time.
 */
export function timeFindings(migrations: readonly Migration[], nowMs: number): readonly Finding[] {
  const findings: Finding[] = [];
  const seconds = new Map<number, string>();
  let newest: Migration | undefined;
  for (const migration of migrations) {
    const { tag, file, createdAtMs } = migration;
    const second = Math.floor(createdAtMs / 1000);
    const twin = seconds.get(second);
    const warn = (code: string, message: string): void => {
      findings.push({ code, severity: 'warning', message, tag, file });
    };
    if (newest && createdAtMs < newest.createdAtMs)
      warn(
        'time-not-increasing',
        `${tag} is dated before ${newest.tag}, which stands before it in the journal. Drizzle's own migrate() would skip it where ${newest.tag} is applied; here it is applied.`,
      );
    else if (twin !== undefined)
      warn(
        'same-second',
        `${tag} and ${twin} have the same time to the second. Drizzle's own migrate() may skip one of them.`,
      );
    if (createdAtMs > nowMs + CLOCK_SKEW_MS)
      warn(
        'time-in-future',
        `${tag} is dated in the future (${new Date(createdAtMs).toISOString()}). Drizzle's own migrate() would skip migrations generated before that time.`,
      );
    seconds.set(second, tag);
    if (!newest || createdAtMs > newest.createdAtMs) newest = migration;
  }
  return findings;
}
