#!/usr/bin/env node
// No static imports: on a Node that is too old, a module further down may not even parse, and the message below must still appear.

/** Oldest supported Node, as `engines` in package.json. */
const REQUIRED = [20, 19] as const;

function supported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > REQUIRED[0] || (major === REQUIRED[0] && minor >= REQUIRED[1]);
}

if (supported(process.versions.node)) {
  void import('./run-cli.js').then(({ runCli }) => runCli(process.argv.slice(2)));
} else {
  process.stderr.write(
    `nest-migrate needs Node ${REQUIRED.join('.')} or newer; this is Node ${process.versions.node}. Nothing was changed.\n`,
  );
  process.exitCode = 64;
}
