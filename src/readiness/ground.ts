import type { ReadinessState, Reason } from './readiness.js';

/** One reason, and what it means for a replica that never was ready and for one that serves already. */
export interface Ground {
  readonly reason: Reason;
  readonly neverReady: ReadinessState;
  readonly alreadyReady: ReadinessState;
}

/** A reason never lists more tags than this; `count` says how many there are. */
const TAGS_SHOWN = 10;

/** A reason that names the first of its tags and counts them all. */
export function reason(code: Reason['code'], tags: readonly string[]): Reason {
  return { code, tags: tags.slice(0, TAGS_SHOWN), count: tags.length };
}

/** A ground that never takes a serving replica out. */
export function some(
  code: Reason['code'],
  tags: readonly string[],
  neverReady: ReadinessState,
): Ground[] {
  return tags.length > 0
    ? [{ reason: reason(code, tags), neverReady, alreadyReady: 'degraded' }]
    : [];
}

/** A ground that takes everybody out. */
export function down(because: Reason): Ground {
  return { reason: because, neverReady: 'down', alreadyReady: 'down' };
}

/** A ground that is only told. */
export function up(because: Reason): Ground {
  return { reason: because, neverReady: 'up', alreadyReady: 'up' };
}
