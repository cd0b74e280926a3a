import type { BackfillSettings } from './operation.js';
import {
  count,
  isRecord,
  refuseOperation,
  text,
  wordOf,
  type OptionCheck,
} from './operation-options.js';

/** How the rows of an operation are gone through; all optional. See {@link BackfillSettings}. */
export type BackfillOptions = Partial<BackfillSettings>;

const orNull =
  (check: OptionCheck): OptionCheck =>
  (value) =>
    value === null ? null : check(value);

const CHECKS: { readonly [Key in keyof BackfillSettings]: OptionCheck } = {
  onBadRow: wordOf('stop', 'skip'),
  targetMs: orNull(count),
  ranges: orNull(count),
  maxRowsPerSecond: orNull(count),
  pauseWhile: orNull(text),
};

const DEFAULTS: BackfillSettings = {
  onBadRow: 'stop',
  targetMs: null,
  ranges: null,
  maxRowsPerSecond: null,
  pauseWhile: null,
};

/** For the constructors' own checks; the keys are judged by {@link backfillSettings}. */
export const backfillOption: OptionCheck = (value) => (isRecord(value) ? null : 'an object');

/** The settings with their defaults. @throws {MigratorError} `OPERATION_INVALID` */
export function backfillSettings(operation: string, given: BackfillOptions = {}): BackfillSettings {
  const settings = { ...DEFAULTS };
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(CHECKS, key))
      throw refuseOperation(operation, 'backfill', `takes only ${Object.keys(CHECKS).join(', ')}`, {
        given: key,
        known: Object.keys(CHECKS),
      });
    const words = CHECKS[key as keyof BackfillSettings](value);
    if (words !== null) throw refuseOperation(operation, `backfill.${key}`, `must be ${words}`);
    Object.assign(settings, { [key]: value });
  }
  return settings;
}
