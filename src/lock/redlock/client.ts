/**
 * What is used of an ioredis client (5 or 6). A structural type of our own: `@types/redlock` pulls in the types of ioredis 4,
 * and the types of this entry point must not ask for a package that is not there.
 */
export interface RedisClient {
  /** `wait`, `connecting`, `connect`, `ready`, `reconnecting`, `close`, `end`. */
  readonly status: string;
  readonly options: {
    readonly host?: string | undefined;
    readonly port?: number | undefined;
    readonly commandTimeout?: number | undefined;
    readonly enableOfflineQueue?: boolean | undefined;
  };
  connect(): Promise<void>;
  disconnect(): void;
  eval(script: string, keys: number, ...args: (string | number)[]): Promise<unknown>;
  evalsha(sha1: string, keys: number, ...args: (string | number)[]): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  once(event: 'ready' | 'close' | 'end', listener: () => void): unknown;
  off(event: 'ready' | 'close' | 'end', listener: () => void): unknown;
}

/** What is used of redlock 4: acquire and unlock, and nothing else (locks.md 7.4). */
export interface RedlockLike {
  lock(
    keys: string[],
    ttlMs: number,
  ): PromiseLike<{ readonly value: string | null; unlock(): PromiseLike<unknown> }>;
}

/** A server as redlock 4 calls it: arguments as one array, the answer by callback. */
export interface RedlockServer {
  evalsha(sha1: string, args: (string | number)[], done: Answer): void;
  eval(args: (string | number)[], done: Answer): void;
}

type Answer = (error: Error | null, response?: unknown) => void;

/** redlock 4's class. `retryCount` must be given here: a 0 given with a call is taken for missing. */
export type RedlockConstructor = new (
  servers: RedlockServer[],
  options: { readonly retryCount: number; readonly driftFactor: number },
) => RedlockLike;
