import { defineCommand } from '../command.js';
import { findings, holder } from '../output/wording.js';

interface UnlockFlags {
  readonly holder: string;
  readonly terminate?: boolean;
}

/** Takes the lock from a holder that is gone. */
export const unlock = defineCommand<UnlockFlags>({
  name: 'unlock',
  declare: (command) =>
    command
      .summary('take the lock from a holder that is gone')
      .description(
        'Releases the lock of the named holder and raises the fence, so that it can write nothing more. Refused (exit 7) while its heartbeat is fresh, unless its session is to be terminated.',
      )
      .requiredOption('--holder <id>', 'id of the holder, as `status` prints it')
      .option(
        '--terminate',
        "end the holder's session on the server, also while its heartbeat is fresh",
      )
      .addHelpText(
        'after',
        '\nExample:\n  nest-migrate unlock --holder 4f0c2a5e-7d0e-4c0f-9a57-2f6f0f6f9b1e',
      ),
  run: async ({ migrator, flags, signal }) => {
    const result = await migrator.unlock({
      holderId: flags.holder,
      signal,
      ...(flags.terminate === true && { terminate: true }),
    });
    return {
      result,
      text: async (style) =>
        [
          result.holder === null ? 'Nobody held the lock.' : `Held by ${holder(result.holder)}.`,
          ...(result.terminated ? ['Its session was terminated.'] : []),
          style.good(`The lock is free; the fence is now ${result.fence}.`),
          ...findings(result.findings, style),
        ].join('\n'),
    };
  },
});
