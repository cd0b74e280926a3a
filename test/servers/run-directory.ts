import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeSharedMemory } from './postgres.js';
import { killProcessesIn } from './process.js';

/** Makes the directory in which all servers of a run, shared and private, keep their data. */
export function createRunDirectory(): string {
  const run = mkdtempSync(join(tmpdir(), 'ndm-servers-'));
  chmodSync(run, 0o711); // the servers' user walks through it
  return run;
}

/** Ends whatever still works in the directory of a run, such as the private server of a spec that was killed, and removes it. */
export function removeRunDirectory(run: string): void {
  killProcessesIn(run);
  for (const entry of readdirSync(run)) removeSharedMemory(join(run, entry, 'data'));
  rmSync(run, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
