import { MigratorError } from '../errors.js';
import type { Manifest } from '../journal/manifest.js';
import { UNNAMED_SERVICE } from '../resolve-options.js';
import type { Dialect } from '../statements/statement.js';

/**
 * Holds a manifest against the application that it is used for. A service that nobody has named is any.
 *
 * @throws {MigratorError} `CONFIGURATION`
 */
export function assertOwnManifest(
  { service, dialect: built }: Pick<Manifest, 'service' | 'dialect'>,
  path: string,
  own: string,
  dialect: Dialect,
): void {
  const another =
    service !== null && service !== UNNAMED_SERVICE && own !== UNNAMED_SERVICE && service !== own;
  if (!another && built === dialect) return;
  throw new MigratorError('CONFIGURATION', {
    message: another
      ? `${path} is the manifest of ${service}, and this is the database of ${own}.`
      : `${path} is the manifest of a build for ${built}, and this database is ${dialect}.`,
    state: 'Nothing was changed.',
    remedy: another
      ? `Give the manifest of a build of ${own}, or set fleet.service to ${service} if it is the same application.`
      : 'Give the manifest of a build for this database.',
  });
}
