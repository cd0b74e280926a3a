import type { Operation, Phase } from './operation.js';

/** The phases in which an operation has something to do; the others may be left out of the migrations. */
export function phasesOf(operation: Operation): ReadonlySet<Phase> {
  switch (operation.kind) {
    case 'rename-column':
    case 'change-column-type':
      return new Set(['expand', 'backfill', 'verify', 'contract']);
    case 'tighten':
      return new Set(
        operation.repair === null
          ? ['expand', 'verify', 'contract']
          : ['expand', 'backfill', 'verify', 'contract'],
      );
    case 'backfill':
      return new Set(['backfill', 'verify']);
  }
}
