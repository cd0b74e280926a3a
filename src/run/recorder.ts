import { withTransaction } from '../database/with-transaction.js';
import {
  ledgerWriter,
  type ActionFacts,
  type LedgerWriter,
  type MigrationFacts,
  type Progress,
} from '../ledger/ledger-writer.js';
import type { LedgerLocation, LedgerVersion } from '../ledger/ledger.js';
import type { MigrationAction } from '../plan/plan.js';
import { stepDigests } from '../plan/step-digests.js';
import type { ErrorCode } from '../errors.js';
import type { RunContext } from './target.js';

/** Puts what becomes of a migration on record, under the fence. */
export class Recorder {
  readonly #writer: LedgerWriter;

  constructor(
    private readonly context: RunContext,
    ledger: { readonly location: LedgerLocation; readonly version: LedgerVersion },
  ) {
    const { lock, runner, build, actor } = context;
    this.#writer = ledgerWriter({
      session: lock.session,
      scope: lock.scope,
      fence: lock.fence,
      fenceCheck: lock.fenceCheck,
      runner,
      build,
      actor,
      ...ledger,
    });
  }

  /** Commits that a migration is running, before its first statement. */
  begin(action: MigrationAction, progress: Progress): Promise<string> {
    const { server } = this.context.lock.session;
    const steps = stepDigests(action.migration, action.steps, server).join(' ');
    const facts = this.#factsOf(action);
    return this.#writer.begin({ ...facts, detail: { ...facts.detail, steps } }, progress);
  }

  /** The cursor; inside an open transaction it commits with the work. */
  advance(id: string, progress: Progress): Promise<void> {
    return this.#writer.advance(id, progress);
  }

  /** Ledger row and attempt, inside the transaction of the last unit. */
  complete(action: MigrationAction, id: string | null): Promise<void> {
    const facts = this.#factsOf(action);
    return id === null ? this.#writer.record(facts) : this.#writer.complete(id, facts);
  }

  /** The same in a transaction of its own, after a last unit that could not be in one. */
  completeAlone(action: MigrationAction, id: string | null): Promise<void> {
    return withTransaction(this.context.lock.session, {}, () => this.complete(action, id));
  }

  /**
   * How a migration ended that did not end well. `cursor` is what is known complete. Nothing is in flight any more, because the
   * server answered for the last statement, unless that may have taken effect in part.
   */
  async fail(
    action: MigrationAction,
    id: string | null,
    end: {
      readonly state: 'failed' | 'interrupted';
      readonly cursor: number;
      readonly inFlight: number | null;
      readonly code: ErrorCode;
      readonly durationMs: number;
    },
  ): Promise<void> {
    if (id === null) {
      // The attempt that is resumed says how far it is, and a newer one that knows less would take its place.
      if (action.resume !== null) return;
      await this.#writer.recordFailure(this.#factsOf(action), end.state, end.code, end.durationMs);
      return;
    }
    await this.#writer.advance(id, { cursor: end.cursor, inFlight: end.inFlight, digest: null });
    await this.#writer.fail(id, end.state, end.code);
  }

  /** An action of an operation that is done; inside an open transaction it commits with the work. */
  action(facts: ActionFacts): Promise<void> {
    return this.#writer.action(facts);
  }

  /** By what right a migration goes on that older builds could miss. */
  gate(tag: string, by: string, detail: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#writer.gate(tag, by, detail);
  }

  /** What a dead predecessor left `running` is put on record as interrupted. */
  interruptStale(): Promise<number> {
    return withTransaction(this.context.lock.session, {}, () => this.#writer.interruptStale());
  }

  #factsOf(action: MigrationAction): MigrationFacts {
    const { migration, tokenChecksum, impact, requires } = action.migration;
    return {
      tag: migration.tag,
      fileChecksum: migration.checksum,
      tokenChecksum,
      createdAtMs: migration.createdAtMs,
      impact,
      requires,
      statements: action.steps.length,
      ...(action.reverts !== undefined && { reverts: action.reverts }),
      ...(this.context.reason !== null && { detail: { reason: this.context.reason } }),
    };
  }
}
