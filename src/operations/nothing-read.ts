import type { TableFacts } from './table-facts.js';

/** What is known of a table that is not there, and of what is no table. */
export const NOTHING_READ = {
  estimatedRows: null,
  bytes: null,
  columns: [],
  indexes: [],
  checks: [],
  foreignKeys: [],
  triggers: [],
  dependents: [],
  functions: [],
  subscriber: false,
  missingPrivileges: [],
  rowVersions: null,
  engine: null,
} as const satisfies Partial<TableFacts>;
