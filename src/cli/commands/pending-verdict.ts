import { MigratorError } from '../../errors.js';

/** What `--check` says when something that this build requires is pending. */
export function pendingVerdict(tags: readonly string[]): MigratorError {
  const shown = tags.slice(0, 10);
  const more = tags.length - shown.length;
  return new MigratorError('PENDING', {
    message: `Not applied, and this build requires it: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
    state: 'Nothing was changed.',
    remedy: 'nest-migrate up',
    details: { tags: shown, count: tags.length },
  });
}
