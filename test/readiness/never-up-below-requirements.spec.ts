import fc from 'fast-check';
import { assess } from '../../src/readiness/assess.js';
import type { AttemptState, Verdict } from '../../src/ledger/ledger.js';
import { attempt, known, read, row, timeOf } from './observations.js';

const verdict = fc.constantFrom<Verdict>('applied', 'pending', 'ambiguous', 'edited', 'renamed');
const impact = fc.constantFrom('expand', 'contract', 'breaking', null);
const state = fc.constantFrom<AttemptState>('running', 'done', 'failed', 'interrupted');

const arbitrary = fc.record({
  entries: fc
    .array(fc.record({ verdict, impact }), { minLength: 1, maxLength: 8 })
    .map((all) => all.map((entry, position) => ({ ...entry, tag: `t${position}` }))),
  attempts: fc.array(
    fc.record({ of: fc.nat(10), state, requires: fc.option(fc.nat(10)), cursor: fc.nat(2) }),
  ),
  unknown: fc.array(fc.record({ at: fc.option(fc.nat(12_000)) }), { maxLength: 3 }),
  missingMarkers: fc.subarray(['m']),
  standing: fc.record({
    wasReady: fc.boolean(),
    serving: fc.boolean(),
    badReads: fc.integer({ min: 1, max: 4 }),
    unreachableMs: fc.nat(60_000),
  }),
  options: fc.record({
    notReadyIntervalMs: fc.constant(1000),
    readyIntervalMs: fc.constant(10_000),
    unreachableGraceMs: fc.nat(60_000),
    queryTimeoutMs: fc.constant(500),
    onUnreachable: fc.constantFrom('down', 'last-known'),
    checksum: fc.constantFrom('degraded', 'down'),
    diverged: fc.constantFrom('degraded', 'down'),
    unknownAhead: fc.constantFrom('degraded', 'down'),
  }),
});

function assessed(input: typeof arbitrary extends fc.Arbitrary<infer T> ? T : never) {
  const { entries, standing, options } = input;
  const observation = read(entries, {
    unknown: input.unknown.map(({ at }, index) => row(`u${index}`, at)),
    attempts: input.attempts.map((one) =>
      attempt(`t${one.of}`, timeOf(one.of), {
        state: one.state,
        requires: one.requires === null ? null : `t${one.requires}`,
        statementCursor: one.cursor,
      }),
    ),
    missingMarkers: input.missingMarkers,
  });
  return assess({ known: known(entries), observation, options, ...standing });
}

describe('whatever else is true', () => {
  it('no replica is up while a migration that its build requires is missing, and a new one is down', () => {
    fc.assert(
      fc.property(arbitrary, (input) => {
        const missing = input.entries.some(
          (entry) =>
            (entry.verdict === 'pending' || entry.verdict === 'ambiguous') &&
            entry.impact !== 'contract',
        );
        fc.pre(missing);
        const { serving, badReads } = input.standing;
        // One bad read does not take out a replica that serves; it shows.
        const allowed = serving && badReads < 2 ? ['degraded', 'down'] : ['down'];
        expect(allowed).toContain(assessed(input).state);
      }),
      { numRuns: 1000 },
    );
  });

  it('every answer has a reason, and up never stands beside a reason to be down', () => {
    fc.assert(
      fc.property(arbitrary, (input) => {
        const { state: answer, reasons } = assessed(input);
        expect(reasons.length).toBeGreaterThan(0);
        const mild = new Set(['current', 'contract_pending', 'comments_changed']);
        expect(answer !== 'up' || reasons.every(({ code }) => mild.has(code))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
