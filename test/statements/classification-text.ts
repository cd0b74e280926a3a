import { classify } from '../../src/statements/classify.js';
import type { Dialect } from '../../src/statements/statement.js';
import { objectText } from './object-text.js';

/** What a statement is classified as, with its objects, effects and locks as they are written in the specs. */
export function classificationText(sql: string, dialect: Dialect) {
  const found = classify({ sql }, dialect);
  return {
    category: found.category,
    transactional: found.transactional,
    control: found.control,
    touches: found.touches.map(objectText),
    effects: found.effects.map(
      ({ effect, object, breaksOldWriters }) =>
        `${effect} ${objectText(object)}${breaksOldWriters === true ? ' !' : ''}`,
    ),
    locks: found.locks.map(({ object, mode, work }) => `${objectText(object)}: ${mode} ${work}`),
    repeatable: found.repeatable,
    temporary: found.temporary,
    enumValue: found.enumValue,
    refused: found.refusal !== null,
  };
}
