#!/usr/bin/env node
// No static imports: on a Node that is too old, a module further down may not even parse, and the message below must still appear.

/** Oldest supported Node, as `engines` in package.json. */
const REQUIRED = [20, 19] as const;

function supported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > REQUIRED[0] || (major === REQUIRED[0] && minor >= REQUIRED[1]);
}

/**
 * Keeps the young generation of a process that executes at a megabyte, before anything else is loaded. It waits for a server most of
 * the time: all that room for more buys is peak memory (measured: a sixth of that of `up`). Commands that only look end before it counts.
 *
 * @see https://nodejs.org/api/cli.html#--max-semi-space-sizesize-in-mib
 */
async function keepHeapSmall(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--max-semi-space-size=1');
  setFlagsFromString('--semi-space-growth-factor=1');
}

if (supported(process.versions.node)) {
  const ready = process.argv.includes('up') ? keepHeapSmall() : Promise.resolve();
  void ready.then(() => import('./run-cli.js')).then(({ runCli }) => runCli(process.argv.slice(2)));
} else {
  process.stderr.write(
    `nest-migrate needs Node ${REQUIRED.join('.')} or newer; this is Node ${process.versions.node}. Nothing was changed.\n`,
  );
  process.exitCode = 64;
}
