import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const dist = new URL('../../dist/', import.meta.url);
const AREAS = [
  'database',
  'journal',
  'ledger',
  'lock',
  'migrator',
  'plan',
  'readiness',
  'run',
  'statements',
];

/**
 * Loads what `up` would load when it comes to it, as a static import of stock's migrator has loaded all of that one: what is measured
 * afterwards is the call, on both sides. The measures of whole processes show what loading costs.
 */
export async function loadEverything(dialect) {
  const other = dialect === 'mysql' ? 'postgres' : 'mysql';
  for (const area of AREAS) {
    const files = readdirSync(new URL(area, dist), { recursive: true, withFileTypes: true });
    for (const file of files) {
      const path = join(file.parentPath, file.name);
      if (!file.isFile() || !path.endsWith('.js')) continue;
      if (path.includes(`/${other}/`) || path.includes('/redlock/')) continue;
      await import(pathToFileURL(path).href);
    }
  }
}
