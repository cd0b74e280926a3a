import type { Migrator, UpOptions, UpResult } from '../../src/migrator.js';
import type { Readiness } from '../../src/readiness/readiness.js';

/** Where no database is involved: a migrator whose readiness the test sets, and which records what is asked of it. */
export class FakeMigrator {
  readiness_: Readiness | Error = { state: 'up', reasons: [{ code: 'current' }] };
  readonly calls: string[] = [];
  readonly ups: UpOptions[] = [];
  up_: (options: UpOptions) => Promise<UpResult> = () => Promise.resolve(nothingToDo);

  constructor(readonly name = 'default') {}

  readonly readiness = {
    current: (): Readiness => {
      if (this.readiness_ instanceof Error) throw this.readiness_;
      return this.readiness_;
    },
    start: (): void => void this.calls.push('start'),
    stop: (): Promise<void> => {
      this.calls.push('stop');
      return Promise.resolve();
    },
  };

  onEvent(): () => void {
    return () => undefined;
  }

  up(options: UpOptions): Promise<UpResult> {
    this.calls.push('up');
    this.ups.push(options);
    return this.up_(options);
  }

  close(): Promise<void> {
    this.calls.push('close');
    return Promise.resolve();
  }

  /** Under this type it goes to whoever expects a real one. */
  get asMigrator(): Migrator {
    return this as unknown as Migrator;
  }
}

export const nothingToDo: UpResult = {
  outcome: 'nothing-to-do',
  applied: [],
  deferred: [],
  findings: [],
  fence: null,
  waitedMs: 0,
  durationMs: 1,
};
