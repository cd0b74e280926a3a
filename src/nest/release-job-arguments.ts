import { parseArgs } from 'node:util';
import { MigratorError } from '../errors.js';
import { parseDuration } from '../report/duration.js';

/** What the command line of a release job says. */
export interface ReleaseJobArguments {
  /** Only this migrator of several. */
  readonly database: string | null;
  readonly to: string | null;
  readonly waitMs: number | null;
  readonly waitFleetMs: number | null;
  readonly allowDowntime: boolean;
  readonly fleetConfirmed: boolean;
  readonly backupRef: string | null;
  readonly withoutCoordinator: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
}

const RELEASE_JOB = '--release-job';

const FLAGS = {
  'release-job': { type: 'boolean' },
  database: { type: 'string' },
  to: { type: 'string' },
  wait: { type: 'string' },
  'wait-fleet': { type: 'string' },
  'allow-downtime': { type: 'boolean' },
  'fleet-confirmed': { type: 'boolean' },
  'backup-ref': { type: 'string' },
  'without-coordinator': { type: 'boolean' },
  json: { type: 'boolean' },
  verbose: { type: 'boolean' },
} as const;

/**
 * Whether this process was started as the release job: with `--release-job`. The flag only, no environment variable: a variable is
 * inherited by the very replicas that must never migrate.
 * @param argv as `process.argv`
 * @default process.argv
 */
export function isReleaseJob(argv: readonly string[] = process.argv): boolean {
  return argumentsOf(argv).includes(RELEASE_JOB);
}

/** @throws {MigratorError} `USAGE` */
export function parseReleaseJobArguments(argv: readonly string[]): ReleaseJobArguments {
  const values = parse(argv);
  return {
    database: values.database ?? null,
    to: values.to ?? null,
    waitMs: durationOf('wait', values.wait),
    waitFleetMs: durationOf('wait-fleet', values['wait-fleet']),
    allowDowntime: values['allow-downtime'] === true,
    fleetConfirmed: values['fleet-confirmed'] === true,
    backupRef: values['backup-ref'] ?? null,
    withoutCoordinator: values['without-coordinator'] === true,
    json: values.json === true,
    verbose: values.verbose === true,
  };
}

function parse(argv: readonly string[]) {
  try {
    // Strict: a mistyped flag that is ignored would be a run other than the one that was asked for.
    return parseArgs({ args: argumentsOf(argv), options: FLAGS, allowPositionals: false }).values;
  } catch (error) {
    throw usage(
      'The release job does not know one of its arguments, or one lacks its value.',
      error,
    );
  }
}

function durationOf(flag: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = parseDuration(text);
  if (ms === null) throw usage(`--${flag} takes a duration with a unit, such as 30s or 10min.`);
  return ms;
}

/** `nest start --no-shell` hands arguments over in JSON quotes (Nest CLI 12.0.8, measured); unread, they would be ignored without a word. */
function argumentsOf(argv: readonly string[]): string[] {
  return argv.slice(2).map((argument) => /^"(.*)"$/s.exec(argument)?.[1] ?? argument);
}

function usage(message: string, cause?: unknown): MigratorError {
  const known = Object.entries(FLAGS).map(
    ([name, { type }]) => `--${name}${type === 'string' ? ' <value>' : ''}`,
  );
  return new MigratorError('USAGE', {
    message,
    state: 'Nothing was changed.',
    remedy: `Use: ${known.join(' ')}`,
    ...(cause !== undefined && { cause }),
  });
}
