export { redlock } from './redlock-coordinator.js';
export type { RedlockClientOptions, RedlockOptions, RedlockUrlOptions } from './options.js';
export type { RedisClient } from './client.js';
export type { Coordinator, HolderInfo, Lease, Scope } from '../lock.js';
