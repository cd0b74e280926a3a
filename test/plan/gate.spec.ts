import { describe, expect, it } from '@jest/globals';
import { NO_FLEET, type FleetView } from '../../src/fleet/fleet.js';
import type { Instance } from '../../src/fleet/instance.js';
import { consentOf, type Consent, type Gated } from '../../src/plan/gate.js';

const OLD: Instance = {
  id: 'a',
  service: 'api',
  build: '1.0',
  host: 'pod-a',
  machine: null,
  pid: 1,
  knows: ['0000_users'],
  state: 'up',
  stopped: false,
  leaseLeftMs: 20_000,
  ageMs: 3_600_000,
};
const NEW: Instance = {
  ...OLD,
  id: 'b',
  host: 'pod-b',
  build: '1.1',
  knows: ['0000_users', '0001_drop'],
};

const fleet = (over: Partial<FleetView>): FleetView => ({
  ...NO_FLEET,
  mode: 'auto',
  forgetMs: 300_000,
  ...over,
});
const contract: Gated = { impact: 'contract', requires: '0001_drop', newDatabase: false };
const breaking: Gated = { ...contract, impact: 'breaking' };
const words = (consent: Consent): string => (consent.kind === 'given' ? consent.by : consent.kind);

describe('consent of the fleet', () => {
  it.each<readonly [string, Gated, Partial<FleetView>, string]>([
    ['everybody knows it', contract, { instances: [NEW] }, 'fleet'],
    ['one does not', contract, { instances: [NEW, OLD] }, 'objected'],
    ['one does not, breaking', breaking, { instances: [NEW, OLD] }, 'objected'],
    ['it said goodbye', contract, { instances: [NEW, { ...OLD, stopped: true }] }, 'fleet'],
    ['it is silent', contract, { instances: [NEW, { ...OLD, leaseLeftMs: -299_999 }] }, 'objected'],
    [
      'it was silent for so long',
      contract,
      { instances: [NEW, { ...OLD, leaseLeftMs: -300_000 }] },
      'fleet',
    ],
    ['only stopped rows are left', contract, { instances: [{ ...OLD, stopped: true }] }, 'fleet'],
    [
      'a process of this machine is gone',
      contract,
      { instances: [NEW, OLD], gone: new Set(['a']) },
      'fleet',
    ],
    [
      'something unregistered was sighted',
      contract,
      { instances: [NEW], sightings: [{ name: 's' }] },
      'objected',
    ],
    ['a probe failed', contract, { instances: [NEW], blind: ['x'] }, 'unknown'],
    ['nobody ever registered', contract, {}, 'nobody-registered'],
    ['nobody ever registered, required', contract, { mode: 'required' }, 'unknown'],
    ['sighted, and nobody registered', contract, { sightings: [{ name: 's' }] }, 'objected'],
    ['the registry was emptied', contract, { intact: false }, 'unknown'],
    ['emptied, in development', contract, { intact: false, lenient: true }, 'nobody-registered'],
    [
      'emptied, in development, required',
      contract,
      { intact: false, lenient: true, mode: 'required' },
      'unknown',
    ],
    [
      'emptied just now',
      contract,
      { intact: false, instances: [{ ...NEW, ageMs: 34_999 }] },
      'unknown',
    ],
    [
      'emptied a lease ago',
      contract,
      { intact: false, instances: [{ ...NEW, ageMs: 35_000 }] },
      'fleet',
    ],
    [
      'a first deployment, seconds ago',
      contract,
      { instances: [{ ...NEW, ageMs: 9_000 }] },
      'fleet',
    ],
    ['off', breaking, { mode: 'off', instances: [OLD] }, 'fleet-off'],
    ['confirmed', contract, { instances: [OLD], confirmed: true }, 'fleet-confirmed'],
    [
      'confirmed, with a lost registry',
      contract,
      { confirmed: true, intact: false },
      'fleet-confirmed',
    ],
    [
      'confirmed, breaking, and nobody could look',
      breaking,
      { confirmed: true, blind: ['x'] },
      'fleet-confirmed',
    ],
    [
      'confirmed, with a failing probe',
      contract,
      { confirmed: true, blind: ['x'] },
      'fleet-confirmed',
    ],
    [
      'confirmed, breaking, and one shows signs of life',
      breaking,
      { instances: [OLD], confirmed: true },
      'objected',
    ],
    [
      'confirmed, breaking, one shows signs of life, and nobody could look elsewhere',
      breaking,
      { instances: [OLD], confirmed: true, blind: ['x'] },
      'objected',
    ],
    [
      'confirmed, breaking, and one is silent',
      breaking,
      { instances: [{ ...OLD, leaseLeftMs: -1 }], confirmed: true },
      'fleet-confirmed',
    ],
    ['downtime allowed', breaking, { instances: [OLD], allowDowntime: true }, 'allow-downtime'],
    [
      'downtime allowed is not asked of a contract',
      contract,
      { instances: [OLD], allowDowntime: true },
      'objected',
    ],
  ])('%s', (_, gated, over, expected) => {
    expect(words(consentOf(gated, fleet(over)))).toBe(expected);
  });

  it('a new database needs nobody’s', () => {
    const gated = { ...breaking, newDatabase: true };
    expect(consentOf(gated, fleet({ instances: [OLD] }))).toEqual({
      kind: 'given',
      by: 'new-database',
    });
  });

  it('names who objects, with build and standing', () => {
    const consent = consentOf(
      contract,
      fleet({
        instances: [OLD, { ...OLD, id: 'c', host: 'pod-c', build: null, leaseLeftMs: -60_000 }],
      }),
    );
    expect(consent).toEqual({
      kind: 'objected',
      by: [
        { name: 'api@pod-a (build 1.0)', standing: 'lease 20 s left', live: true },
        {
          name: 'api@pod-c (build not named)',
          standing: 'silent, forgotten in 240 s',
          live: false,
        },
      ],
    });
  });
});
