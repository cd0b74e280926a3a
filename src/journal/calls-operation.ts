import type { Migration } from './journal.js';

/** Whether a file has a line of an operation. It need not be readable as SQL any more; rather one too many than one too few. */
export function callsOperation(migration: Migration, name: string): boolean {
  if (migration.declared !== undefined)
    return migration.declared.operations.some((line) => line.name === name);
  const words = migration.read().split(/\s+/);
  return words.some((word, index) => word === '@operation' && words[index + 1] === name);
}
