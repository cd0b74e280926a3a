import { once } from 'node:events';

/** Lets the broker stop its servers and waits until it has: nothing runs after the test run. */
export default async function globalTeardown() {
  const broker = globalThis.testServersBroker;
  if (broker === undefined || broker.exitCode !== null) return;
  const gone = once(broker, 'exit');
  broker.ref();
  broker.stdin.end();
  await gone;
}
