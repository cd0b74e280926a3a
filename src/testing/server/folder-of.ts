import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder as the option `migrations` names it: absolute, and as it was written. */
export function folderOf(migrations: string | URL): {
  readonly folder: string;
  readonly given: string;
} {
  const text = String(migrations);
  if (!/^file:/i.test(text)) return { folder: resolve(text), given: text };
  const folder = fileURLToPath(text);
  return { folder, given: folder };
}
