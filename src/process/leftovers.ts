/** How long the process may take to end by itself once the work is done, in milliseconds. */
const GRACE_MS = 1000;

/**
 * Ends a process that does not end by itself, with the exit code that is set, and names what held it (the habit of graphile/worker's CLI): a
 * pool that a module of the application opened, a timer of a configuration file. The timer itself holds nothing.
 * Output that a slow reader has not taken yet is not a leak: then it waits another round.
 *
 * @param describe the line for what still holds the process, such as `Timeout, TCPSocketWrap`
 */
export function endDespiteLeftovers(
  writeLine: (line: string) => void,
  describe: (held: string) => string,
): void {
  setTimeout(() => {
    if (process.stdout.writableLength > 0 || process.stderr.writableLength > 0) {
      endDespiteLeftovers(writeLine, describe);
      return;
    }
    const held = [...new Set(process.getActiveResourcesInfo())].join(', ');
    // Nothing of Node's own: PGlite's WebAssembly takes a moment to go, and is no leak.
    if (held !== '') writeLine(describe(held));
    // A pipe is written asynchronously: exiting before the reader has it would cut the line off.
    process.stderr.write('', () => process.exit());
  }, GRACE_MS).unref();
}
