import type { Operation, Phase, Rule } from './operation.js';

/**
 * What each rule comes to: a unique index is only built at contract, and what a CHECK or a foreign key enforces since expand needs no
 * promotion. A shorter type is a CHECK on Postgres and a change of the column at contract on MySQL.
 */
const PHASES_OF_RULES: Readonly<Record<Rule['kind'], readonly Phase[]>> = {
  'not-null': ['expand', 'backfill', 'verify', 'contract'],
  check: ['expand', 'backfill', 'verify'],
  'foreign-key': ['expand', 'backfill', 'verify'],
  unique: ['verify', 'contract'],
  'max-length': ['expand', 'backfill', 'verify', 'contract'],
};

/** The phases in which an operation has something to do; the others may be left out of the migrations. */
export function phasesOf(operation: Operation): ReadonlySet<Phase> {
  switch (operation.kind) {
    case 'rename-column':
    case 'change-column-type':
      return new Set(['expand', 'backfill', 'verify', 'contract']);
    case 'tighten':
      return new Set(
        PHASES_OF_RULES[operation.rule.kind].filter(
          (phase) => phase !== 'backfill' || operation.repair !== null,
        ),
      );
    case 'backfill':
      return new Set(['backfill', 'verify']);
  }
}
