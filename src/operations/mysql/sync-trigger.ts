import type { RenameColumn } from '../operation.js';
import type { ColumnFacts } from '../table-facts.js';
import { type Comparable, isDefault, literal, quote, sameBytes } from './sql.js';

/** Two columns that are kept equal, or each as the other's expression gives it. */
export interface ColumnPair {
  readonly from: ColumnFacts;
  /** The new column, as far as it is known before it exists. */
  readonly to: Comparable & { readonly name: string };
  /** SQL of the new value, made of the old one. @default the value itself */
  readonly up?: (value: string) => string;
  /** SQL of the old value, made of the new one. @default the value itself */
  readonly down?: (value: string) => string;
  /** `up` as it arrives in the new column, for comparing: rounded as the type rounds. @default as `up` gives it */
  readonly arrives?: (value: string) => string;
  readonly onConflict: RenameColumn['onConflict'];
  /** Operation's name, for the message of a conflict. */
  readonly operation: string;
  /** Which way a row goes that neither side of the pair was written in. @default 'forward' */
  readonly heal?: 'forward' | 'reverse';
}

/**
 * Whether both columns of a row belong together: the one predicate of trigger, backfill and verification. Where one direction loses
 * something, either will do, or the backfill would overwrite 1.23 with 1.
 */
export function inSync(pair: ColumnPair, from: string, to: string): string {
  const up = pair.up?.(from) ?? from;
  const forward = sameBytes(to, pair.arrives?.(up) ?? up, pair.to);
  if (pair.down === undefined) return forward;
  return `(${forward} or ${sameBytes(from, pair.down(to), pair.from)})`;
}

/**
 * Bodies of the two triggers that keep a pair of columns equal, as expand-contract.md 6.3 has them:
 *
 * | event | written | result |
 * | --- | --- | --- |
 * | both | already the same | nothing |
 * | INSERT | only old, or neither | new := old |
 * | INSERT | only new; old is null or holds its constant default | old := new |
 * | INSERT | both, different | the policy |
 * | UPDATE | only one of them changed | the other follows |
 * | UPDATE | both changed, different | the policy |
 * | UPDATE | neither changed, out of step | healed: new := old |
 *
 * A NOT NULL column that an INSERT leaves out is NULL in NEW, on both servers: it is filled before the rule is checked.
 */
export function syncTriggers(pair: ColumnPair): {
  readonly insert: string;
  readonly update: string;
} {
  const from = quote(pair.from.name);
  const to = quote(pair.to.name);
  const fromKept = sameBytes(`NEW.${from}`, `OLD.${from}`, pair.from);
  const toKept = sameBytes(`NEW.${to}`, `OLD.${to}`, pair.to);
  const synced = inSync(pair, `NEW.${from}`, `NEW.${to}`);
  const forward = `set NEW.${to} = ${pair.up?.(`NEW.${from}`) ?? `NEW.${from}`};`;
  const backward = `set NEW.${from} = ${pair.down?.(`NEW.${to}`) ?? `NEW.${to}`};`;
  const conflict = conflictSql(pair, forward, backward);
  const fromIsDefault = isDefault(`NEW.${from}`, pair.from);
  // The moving default of an old column cannot be told from a value: what the new one was given wins.
  const fromNotGiven = pair.from.volatileDefault
    ? 'true'
    : `NEW.${from} is null${fromIsDefault === null ? '' : ` or ${fromIsDefault}`}`;
  return {
    insert: `begin
  if ${synced} then begin end;
  elseif NEW.${to} is null then ${forward}
  elseif ${fromNotGiven} then ${backward}
  else ${conflict}
  end if;
end`,
    update: `begin
  if ${synced} then begin end;
  elseif not (${fromKept}) then
    if not (${toKept}) then ${conflict}
    else ${forward}
    end if;
  elseif not (${toKept}) then ${backward}
  else ${pair.heal === 'reverse' ? backward : forward}
  end if;
end`,
  };
}

function conflictSql(pair: ColumnPair, forward: string, backward: string): string {
  switch (pair.onConflict) {
    case 'error':
      return signal(`operation ${pair.operation}: both columns written and different`);
    case 'prefer-new':
      return backward;
    case 'prefer-old':
      return forward;
  }
}

/** Refuses a row. MySQL cuts messages at 128 characters; values never stand in them. */
export function signal(message: string): string {
  return `signal sqlstate '45000' set message_text = ${literal(`MG001 ${message}`.slice(0, 128))};`;
}
