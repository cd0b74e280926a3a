import { isReleaseJob } from '../../src/nest/index.js';
import { parseReleaseJobArguments } from '../../src/nest/release-job-arguments.js';

const argv = (...args: string[]) => ['node', 'main.js', ...args];

describe('isReleaseJob', () => {
  it.each([
    [['--release-job'], true],
    [['--to', '0003_a', '--release-job'], true],
    // `nest start --no-shell -- --release-job`, Nest CLI 12.0.8
    [['"--release-job"'], true],
    [[], false],
    [['--release-jobs'], false],
    [['release-job'], false],
  ])('%j: %s', (args, expected) => {
    expect(isReleaseJob(argv(...args))).toBe(expected);
  });

  it('asks no environment variable: replicas inherit those', () => {
    process.env['RELEASE_JOB'] = '1';
    try {
      expect(isReleaseJob(argv())).toBe(false);
    } finally {
      delete process.env['RELEASE_JOB'];
    }
  });
});

describe('arguments', () => {
  it('have defaults', () => {
    expect(parseReleaseJobArguments(argv('--release-job'))).toEqual({
      database: null,
      to: null,
      waitMs: null,
      waitFleetMs: null,
      allowDowntime: false,
      fleetConfirmed: false,
      backupRef: null,
      withoutCoordinator: false,
      json: false,
      verbose: false,
    });
  });

  it('are all read, quoted or not', () => {
    const args = [
      '--to',
      '0003_a',
      '--wait=2min',
      '"--json"',
      '--without-coordinator',
      '--verbose',
      '--wait-fleet=15m',
      '--allow-downtime',
      '--fleet-confirmed',
      '--backup-ref=snap-1',
    ];
    expect(parseReleaseJobArguments(argv('--release-job', '--database', 'x', ...args))).toEqual({
      database: 'x',
      to: '0003_a',
      waitMs: 120_000,
      waitFleetMs: 900_000,
      allowDowntime: true,
      fleetConfirmed: true,
      backupRef: 'snap-1',
      withoutCoordinator: true,
      json: true,
      verbose: true,
    });
  });

  it.each([
    {
      args: ['--without-cordinator'],
      because: 'a mistyped flag would be another run than the one asked for',
    },
    { args: ['up'], because: 'a word that nobody reads' },
    { args: ['--to'], because: 'a value is missing' },
    { args: ['--wait', '30'], because: 'thirty what' },
  ])('$args is refused: $because', ({ args }) => {
    const parse = () => parseReleaseJobArguments(argv('--release-job', ...args));
    expect(parse).toThrow(expect.objectContaining({ code: 'USAGE', exitCode: 64 }));
  });

  it('what was typed is not repeated: it may be a secret', () => {
    expect(() => parseReleaseJobArguments(argv('--password=canary'))).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('canary') as string }),
    );
  });
});
