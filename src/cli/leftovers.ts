/** How long the process may take to end by itself once the work is done, in milliseconds. */
const GRACE_MS = 1000;

/**
 * Ends a process that does not end by itself, and names what held it (the habit of graphile/worker's CLI). The timer itself holds nothing.
 * Output that a slow reader has not taken yet is not a leak: then it waits another round.
 */
export function endDespiteLeftovers(writeLine: (line: string) => void): void {
  setTimeout(() => {
    if (process.stdout.writableLength > 0 || process.stderr.writableLength > 0) {
      endDespiteLeftovers(writeLine);
      return;
    }
    const held = [...new Set(process.getActiveResourcesInfo())].join(', ');
    // Nothing of Node's own: PGlite's WebAssembly takes a moment to go, and is no leak.
    if (held !== '') {
      writeLine(
        `nest-migrate is done, but something keeps the process alive (${held}); ending it.`,
      );
    }
    process.exit();
  }, GRACE_MS).unref();
}
