import { createHash } from 'node:crypto';
import type { Operation } from './operation.js';

/**
 * What an operation does, as JSON: what `migration_operations.spec` holds. Functions stand there by their name; how rows are gone
 * through is left out, because a rate may change while an operation runs.
 */
export function specOf(operation: Operation): Readonly<Record<string, unknown>> {
  const { backfill: _, ...spec } = operation;
  return normalise(spec) as Readonly<Record<string, unknown>>;
}

/** SHA-256 of {@link specOf}, whatever order its keys were written in. */
export function specHash(operation: Operation): string {
  return createHash('sha256')
    .update(JSON.stringify(specOf(operation)))
    .digest('hex');
}

function normalise(value: unknown): unknown {
  if (typeof value === 'function') return `function ${value.name}`;
  if (Array.isArray(value)) return value.map(normalise);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, normalise(item)]),
  );
}
