import { MigratorError } from '../errors.js';

/** The fence moved on while we were writing: another runner took over. */
export function fenced(tag: string, fence: string): MigratorError {
  return new MigratorError('FENCED', {
    message: `Another runner has taken over (our fence was ${fence}); the write for migration ${tag} was refused.`,
    remedy: 'nest-migrate status',
    place: { migration: tag },
    state: 'This transaction was rolled back; what the other runner does is its own.',
    details: { fence },
  });
}
