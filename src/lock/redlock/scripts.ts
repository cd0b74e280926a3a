import { createHash } from 'node:crypto';

/** The two keys of one lock. Both hold the same value; the braces keep them in one hash slot. */
export interface LockKeys {
  /** One a scope: who creates it has the lock. */
  readonly lock: string;
  /** One a holder, so that `unlock --holder` can tell whose lock it is: redlock 4 chooses the value itself. */
  readonly holder: string;
}

/** The keys of a scope and a holder. The scope is hashed: it holds names of the user, of any length and with any character. */
export function lockKeys(prefix: string, scope: string, holderId: string): LockKeys {
  const tag = `{${createHash('sha256').update(scope).digest('hex').slice(0, 40)}}`;
  return { lock: `${prefix}:${tag}`, holder: `${prefix}:${tag}:${holderId}` };
}

/**
 * Prolongs both keys if the lock is still ours. Ours instead of redlock's `extend()`, which unlocks everywhere when one
 * extension fails, and never settles with endless retries (measured).
 * KEYS: lock, holder; ARGV: value, TTL in milliseconds. 1 = prolonged, 0 = not ours.
 */
export const RENEW = `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('set', KEYS[2], ARGV[1], 'PX', ARGV[2])
return redis.call('pexpire', KEYS[1], ARGV[2])`;

/** Deletes both keys if the lock belongs to that holder, and never a newer one's. KEYS: lock, holder. */
export const FORCE_RELEASE = `local value = redis.call('get', KEYS[2])
if not value then return 0 end
local deleted = 0
if redis.call('get', KEYS[1]) == value then deleted = redis.call('del', KEYS[1]) end
redis.call('del', KEYS[2])
return deleted`;
