import { AssertionError } from 'node:assert';
import { schemaDifference, schemaError } from '../schema/schema-difference.js';

/** One migration on the way. */
export interface Step {
  readonly tag: string;
  /** Why it cannot be taken back; null = it can. */
  readonly noWayBack: string | null;
}

/** What the walk is made with, on one database. */
export interface Walk {
  up(to: string): Promise<void>;
  /** @returns the tags that were taken back */
  down(to: string | null): Promise<readonly string[]>;
  /** The schema, sorted. */
  describe(): Promise<readonly string[]>;
  seed(next: string, applied: string | null): Promise<void>;
}

/** What {@link walkBackAndForth} has gone through. */
export interface RoundTrip {
  /** Tags that were taken back and applied again. */
  readonly checked: readonly string[];
  /** Those that were applied only. */
  readonly skipped: readonly { readonly tag: string; readonly reason: string }[];
}

/**
 * Up, down and up again with every step that has a way back, from the first to the last.
 *
 * @throws {AssertionError} at the first schema that is not what it was
 */
export async function walkBackAndForth(steps: readonly Step[], walk: Walk): Promise<RoundTrip> {
  const checked: string[] = [];
  const skipped: { tag: string; reason: string }[] = [];
  let previous: string | null = null;
  let before = await walk.describe();
  for (const { tag, noWayBack } of steps) {
    await walk.seed(tag, previous);
    await walk.up(tag);
    const after = await walk.describe();
    if (noWayBack !== null) skipped.push({ tag, reason: noWayBack });
    else {
      const reverted = await walk.down(previous);
      if (!reverted.includes(tag)) throw notReverted(tag, reverted);
      assertSame(before, await walk.describe(), backMessage(tag, previous));
      await walk.up(tag);
      assertSame(after, await walk.describe(), forthMessage(tag));
      checked.push(tag);
    }
    previous = tag;
    before = after;
  }
  return { checked, skipped };
}

function assertSame(expected: readonly string[], actual: readonly string[], message: string): void {
  const difference = schemaDifference(expected, actual);
  if (difference !== null) throw schemaError(message, difference);
}

function backMessage(tag: string, previous: string | null): string {
  const before = previous === null ? 'an empty database' : `the schema of ${previous}`;
  return `${tag}: its down file does not lead back to ${before} (- is missing, + is left over or different):`;
}

function forthMessage(tag: string): string {
  return `${tag}: applied again after its down file, it makes another schema than the first time (- is missing, + is left over or different):`;
}

function notReverted(tag: string, reverted: readonly string[]): AssertionError {
  return new AssertionError({
    message: `${tag}: down has not taken it back.`,
    actual: reverted,
    expected: [tag],
    operator: 'expectRoundTrip',
  });
}
