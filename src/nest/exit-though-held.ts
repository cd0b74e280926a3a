/** Milliseconds a finished job waits for what still holds the process. */
const GRACE_MS = 1_000;

/**
 * Ends a finished job that something still keeps alive, such as a pool that a module of the application opened and nobody closed:
 * names what it is, and exits with the code that is set. The timer is unref'd, so that a job that holds nothing ends by itself before.
 */
export function exitThoughHeld(errorLine: (line: string) => void): void {
  const timer = setTimeout(() => {
    const held = [...new Set(process.getActiveResourcesInfo())].join(', ');
    errorLine(
      `The job is done, but something still holds the process (${held || 'unknown'}). Ending it; close it in a shutdown hook of its module.`,
    );
    // A pipe is written asynchronously: exiting before the reader has it would cut the result off.
    process.stdout.write('', () => process.stderr.write('', () => process.exit()));
  }, GRACE_MS);
  timer.unref();
}
