/** Nothing runs after the test run: waits until the broker has stopped its servers. */
export default async function globalTeardown() {
  await globalThis.testServersBroker?.end();
}
