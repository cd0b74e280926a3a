import type { MigratorError } from '../errors.js';

/** Version of the documents below; raised when a field changes its meaning or goes away, not when one is added. */
const SCHEMA_VERSION = 1;

/**
 * The one document that `--json` prints on stdout, on success and on failure.
 * `{ schemaVersion, command, ok: true, exitCode, result }` or `{ schemaVersion, command, ok: false, exitCode, error, result? }`.
 */
export type OutputDocument =
  | {
      readonly schemaVersion: typeof SCHEMA_VERSION;
      readonly command: string;
      readonly ok: true;
      readonly exitCode: 0;
      readonly result: unknown;
    }
  | {
      readonly schemaVersion: typeof SCHEMA_VERSION;
      readonly command: string;
      readonly ok: false;
      /** What the process ends with. */
      readonly exitCode: number;
      readonly error: Record<string, unknown>;
      /** What was done before it failed, where there is anything to say. */
      readonly result?: unknown;
    };

/** The document of a command that succeeded. */
export function resultDocument(command: string, result: unknown): OutputDocument {
  return { schemaVersion: SCHEMA_VERSION, command, ok: true, exitCode: 0, result };
}

/** The document of a command that failed: allow-listed fields of the error only. */
export function errorDocument(
  command: string,
  error: MigratorError,
  done?: unknown,
): OutputDocument {
  return {
    schemaVersion: SCHEMA_VERSION,
    command,
    ok: false,
    exitCode: error.exitCode,
    error: error.toJSON(),
    ...(done !== undefined && { result: done }),
  };
}
