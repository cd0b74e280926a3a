import type { Coordinator } from './lock.js';

/** Whether a value can serve as a coordinator: the check at the door for JavaScript users and hand-made ones. */
export function isCoordinator(value: unknown): value is Coordinator {
  if (typeof value !== 'object' || value === null) return false;
  const candidate = value as Partial<Record<keyof Coordinator, unknown>>;
  return (
    typeof candidate.kind === 'string' &&
    candidate.kind !== '' &&
    typeof candidate.tryAcquire === 'function' &&
    typeof candidate.forceRelease === 'function' &&
    typeof candidate.close === 'function'
  );
}
