import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Jest loads this file outside its transforms, hence JavaScript. It starts the broker and does not wait for it, and no server at all:
 * a run of pure specs needs none. The broker lives in a session of its own, so that Ctrl-C in a terminal reaches it only through the
 * end of this process.
 */
export default function globalSetup(globalConfig) {
  const run = mkdtempSync(join(tmpdir(), 'ndm-test-'));
  chmodSync(run, 0o711); // the servers' user walks through it
  process.env.TEST_SERVERS_RUN = run;
  const broker = spawn(
    process.execPath,
    ['--import', 'jiti/register', fileURLToPath(new URL('broker.ts', import.meta.url)), run],
    {
      cwd: globalConfig.rootDir,
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  broker.unref();
  broker.stdin.unref();
  broker.stdin.on('error', () => {}); // the broker left first; the specs that need it say so
  globalThis.testServersBroker = broker;
}
