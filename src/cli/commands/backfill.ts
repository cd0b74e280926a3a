import { InvalidArgumentError } from 'commander';
import type { BackfillStatus, MigratorBackfills } from '../../migrator/backfills-contract.js';
import { formatDuration } from '../../wording/duration.js';
import { defineCommand, type CliCommand, type CommandContext } from '../command.js';
import type { Style } from '../output/style.js';
import { table } from '../output/table.js';
import { count } from '../output/wording.js';

type Again = CommandContext<object>['again'];

/** Milliseconds without a chunk after which it is worth a word. */
const QUIET_MS = 5_000;
/** Keys that are printed; `--json` has all on record. */
const SHOWN_FAILURES = 10;

/** How far each backfill is. */
export const backfillList = defineCommand<object>({
  name: 'backfill list',
  declare: (command) =>
    command
      .summary('how far each backfill is')
      .description(
        'Lists every pass over rows that is on record in this database: rows, percent and time left where the statistics allow it, what was asked of it, and rows that were passed over (keys only). Rate and time left are averages since it began; the log of the run has the rate of the last seconds.',
      ),
  run: async ({ migrator, signal, again }) => {
    const backfills = await migrator.backfills.list({ signal });
    return {
      result: { backfills },
      text: async (style) =>
        backfills.length === 0 ? 'No backfill is on record.' : listed(backfills, style, again),
    };
  },
});

/** Holds a backfill still. */
export const backfillPause = wanting('pause', {
  summary: 'hold a backfill still',
  description:
    'The chunk under way is finished, then the run waits, with its lock, until the backfill is resumed or cancelled.',
  done: (name, _passes, again) =>
    `${name} is to pause: its runner does with the next chunk. ${resumeOf(name, again)} lets it go on.`,
});

/** Lets a backfill go on. */
export const backfillResume = wanting('resume', {
  summary: 'let a paused or cancelled backfill go on',
  description:
    'A paused one goes on at once. One that was cancelled, or whose runner died, goes on with the next `up` (one that is left to a worker: `backfill run`), behind the last chunk that is done.',
  done: (name, passes, again) => {
    const interrupted = passes.find(({ state }) => state === 'interrupted');
    return interrupted === undefined
      ? `${name} goes on.`
      : `${name} may go on: ${runnerOf(interrupted, again)} does.`;
  },
});

/** Ends a backfill. */
export const backfillCancel = wanting('cancel', {
  summary: 'end the run of a backfill',
  description:
    'The run that works on it ends (exit 1, BACKFILL_CANCELLED); chunks that are done stay. Until `backfill resume`, each run that comes to it ends so. To take the operation back altogether: `operation undo`.',
  done: (name, _passes, again) => `${name} is cancelled. ${resumeOf(name, again)} lets it go on.`,
});

/** Limits a backfill. */
export const backfillSet = defineCommand<{ readonly rate: number | 'none' }>({
  name: 'backfill set',
  declare: (command) =>
    command
      .summary('limit the rate of a backfill')
      .description(
        'Obeyed with the next chunk, and by the pass when it is gone through again. A verification only reads, and is not limited.',
      )
      .argument('<name>', 'as `backfill list` prints it')
      .requiredOption(
        '--rate <rows/s>',
        'rows a second of all ranges together; none = as fast as the throttle allows',
        rateArgument,
      )
      .addHelpText('after', '\nExample:\n  nest-migrate backfill set users-full-name --rate 2000'),
  run: async ({ migrator, args, flags, signal }) => {
    const [name = ''] = args;
    const rate = flags.rate === 'none' ? null : flags.rate;
    const backfills = await migrator.backfills.setRate(name, rate, { signal });
    return {
      result: { backfills },
      text: async (style) =>
        style.good(
          rate === null ? `${name} has no limit now.` : `${name} is limited to ${rate} rows/s.`,
        ),
    };
  },
});

function wanting(
  verb: 'pause' | 'resume' | 'cancel',
  words: {
    readonly summary: string;
    readonly description: string;
    readonly done: (name: string, passes: readonly BackfillStatus[], again: Again) => string;
  },
): CliCommand {
  return defineCommand<object>({
    name: `backfill ${verb}`,
    declare: (command) =>
      command
        .summary(words.summary)
        .description(words.description)
        .argument('<name>', 'as `backfill list` prints it')
        .addHelpText('after', `\nExample:\n  nest-migrate backfill ${verb} users-full-name`),
    run: async ({ migrator, args, signal, again }) => {
      const [name = ''] = args;
      const ask: MigratorBackfills['pause'] = migrator.backfills[verb];
      const backfills = await ask(name, { signal });
      return {
        result: { backfills },
        text: async (style) => {
          const open = backfills.filter(({ state }) => state !== 'finished');
          return open.length === 0
            ? `${name} is finished; there is nothing to ${verb}.`
            : style.good(words.done(name, open, again));
        },
      };
    },
  });
}

function listed(backfills: readonly BackfillStatus[], style: Style, again: Again): string {
  return [
    table(
      [
        'backfill',
        'pass',
        'state',
        'rows',
        'changed',
        '%',
        'rows/s',
        'limit',
        'left',
        'passed over',
      ],
      backfills.map(rowOf),
    ),
    ...backfills.flatMap((backfill) => remarks(backfill, style, again)),
  ].join('\n');
}

function rowOf(backfill: BackfillStatus): readonly string[] {
  const { name, pass, state, rows, changed, percent, rowsPerSecond, maxRowsPerSecond } = backfill;
  return [
    name,
    pass,
    state,
    String(rows),
    String(changed),
    percent === null ? '-' : String(percent),
    rowsPerSecond === null ? '-' : String(rowsPerSecond),
    maxRowsPerSecond === null ? '-' : String(maxRowsPerSecond),
    backfill.etaMs === null ? '-' : formatDuration(backfill.etaMs),
    pass === 'verify' ? '-' : String(backfill.failures.length),
  ];
}

function remarks(backfill: BackfillStatus, style: Style, again: Again): readonly string[] {
  const { name, pass, state, quietMs, failures, holder } = backfill;
  const label = `${name} (${pass})`;
  const lines: string[] = [];
  if (state === 'interrupted')
    lines.push(
      `${label}: nobody is at work on it; ${runnerOf(backfill, again)} goes on where it stopped.`,
    );
  if (state === 'cancelled')
    lines.push(`${label}: ${resumeOf(name, again)}, then ${runnerOf(backfill, again)}, goes on.`);
  if (state === 'paused')
    lines.push(
      `${label}: held still until ${resumeOf(name, again)}; should its runner be gone, ${runnerOf(backfill, again)} goes on then.`,
    );
  if (quietMs !== null && quietMs > QUIET_MS)
    lines.push(
      style.warn(
        `${label}: no chunk was done for ${formatDuration(quietMs)}; the log of its runner says what it waits for.${holder === null ? '' : ` If that process is stuck: ${again(`nest-migrate unlock --holder ${holder}`)}`}`,
      ),
    );
  if (failures.length > 0) {
    const keys = failures
      .slice(0, SHOWN_FAILURES)
      .map(({ key, code }) => `(${key.join(', ')}) ${code}`);
    const more = failures.length > keys.length ? `, and ${failures.length - keys.length} more` : '';
    lines.push(
      style.warn(
        `${label}: ${count(failures.length, 'row')} ${pass === 'verify' ? 'still to be done' : 'passed over'}: ${keys.join('; ')}${more}`,
      ),
    );
  }
  return lines;
}

/** The command that goes on with it. */
function runnerOf({ name, by }: BackfillStatus, again: Again): string {
  const command = by === 'worker' ? `nest-migrate backfill run ${name}` : 'nest-migrate up';
  return again(command, 'operations');
}

function resumeOf(name: string, again: Again): string {
  return again(`nest-migrate backfill resume ${name}`);
}

/** A rate of the command line, for commander, which makes an empty text of null. */
function rateArgument(text: string): number | 'none' {
  if (text === 'none') return text;
  const rate = Number(text);
  if (!/^\d+$/.test(text) || rate < 1) {
    throw new InvalidArgumentError('Give a whole number of rows a second, or none.');
  }
  return rate;
}
