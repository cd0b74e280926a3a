import { Broker } from './broker-process.js';

/**
 * Jest loads this file outside its transforms, hence JavaScript. No server starts here, and no broker: the first spec that asks for a server
 * starts them, so a run of pure specs pays nothing. Only what this machine lacks is fetched now, see provision.ts.
 */
export default async function globalSetup() {
  const broker = new Broker();
  globalThis.testServersBroker = broker;
  await broker.listen();
  if (!broker.isProvisioned()) await broker.ask('provision');
}
