import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeSharedMemory } from './postgres.js';
import { killProcessesIn } from './process-table.js';

/** Makes the directory of a run. The servers' user walks through it. */
export function createRunDirectory(run: string): void {
  mkdirSync(run);
  chmodSync(run, 0o711);
}

/** Ends whatever still works in the directory of a run, such as the private server of a spec that was killed, and removes it. */
export function removeRunDirectory(run: string): void {
  killProcessesIn(run);
  for (const entry of readdirSync(run)) removeSharedMemory(join(run, entry, 'data'));
  rmSync(run, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
