import { MigratorError } from '../../errors.js';
import type { CanRunResult } from '../../migrator/fleet-contract.js';
import type { Reason } from '../../readiness/readiness.js';
import { defineCommand } from '../command.js';

interface CanRunFlags {
  readonly build?: string;
}

/** May a build be started against this database now? */
export const canRun = defineCommand<CanRunFlags>({
  name: 'can-run',
  declare: (command) =>
    command
      .summary('whether a build, older or newer, may be started against this database now')
      .description(
        'Answers what the first replica of that build would answer: exit 0 when it would become ready, 7 when it would stay down, with the reasons. Ask before an image goes back. Only reads.',
      )
      .option('--build <manifest.json>', 'manifest of the other build; default: this one')
      .addHelpText('after', '\nExample:\n  nest-migrate can-run --build previous/manifest.json'),
  run: async ({ migrator, flags, signal }) => {
    const result = await migrator.canRun({
      signal,
      ...(flags.build !== undefined && { build: flags.build }),
    });
    const verdict = result.canRun ? null : cannotRun(result);
    return {
      result,
      text: async (style) => {
        const answer = result.canRun
          ? style.good(`${nameOf(result)} can run on this database.`)
          : style.bad(`${nameOf(result)} cannot run on this database.`);
        return [answer, ...result.reasons.map((reason) => `  ${wordsOf(reason)}`)].join('\n');
      },
      ...(verdict !== null && { verdict }),
    };
  },
});

function cannotRun(result: CanRunResult): MigratorError {
  const [first] = result.reasons;
  return new MigratorError('INCOMPATIBLE_BUILD', {
    message: `${nameOf(result)} would not become ready: ${result.reasons.map(wordsOf).join('; ')}.`,
    state: 'Nothing was changed.',
    remedy: REMEDIES[first?.code ?? 'unknown'] ?? 'docs/readiness.md says what each reason means.',
    details: { reasons: result.reasons.map(wordsOf) },
  });
}

const REMEDIES: Partial<Record<Reason['code'], string>> = {
  behind:
    'Run nest-migrate up with the folder of that build first; it says so if a way back has to be ended before.',
  uninitialised: 'Run nest-migrate up with the folder of that build first.',
  ahead_incompatible:
    'What it uses is gone. Go forward: deploy a build that has the migrations named, or one that mends what is wrong.',
  operation_contracted:
    'What it uses is gone. Go forward: deploy a build that ends the operations named.',
  operation_not_ready: 'Let the rows be gone through first: nest-migrate operation list.',
};

function nameOf({ build: { service, build, head } }: CanRunResult): string {
  return `Build ${build ?? 'without a name'} of ${service ?? 'this application'} (up to ${head ?? 'no migration'})`;
}

function wordsOf({ code, tags = [], count = tags.length }: Reason): string {
  const more = count - tags.length;
  const named =
    tags.length === 0 ? '' : `: ${tags.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `${code}${named}`;
}
