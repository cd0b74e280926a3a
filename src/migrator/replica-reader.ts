import { StatementError, type ServerInfo, type Session } from '../database/database.js';
import { isMigratorError } from '../errors.js';
import type { Registration } from '../fleet/registration.js';
import type { LedgerCatalogue } from '../ledger/catalogue.js';
import type { LedgerSnapshot } from '../ledger/ledger.js';
import { readCatalogue, readLedger, readPulse, type Pulse } from '../ledger/read-ledger.js';
import { layOver } from '../run/lay-over.js';
import type { BuildKnowledge } from '../readiness/knowledge.js';
import type { ReadinessObservation, ReadinessState } from '../readiness/readiness.js';
import type { MigratorEnvironment } from './environment.js';
import { failedMarkers } from './failed-markers.js';
import { operationStates, statesOf } from './operation-states.js';

/** What an earlier read has found out and the next one need not ask again, as long as nothing goes wrong. */
interface Acquainted {
  readonly server: ServerInfo;
  readonly catalogue: LedgerCatalogue;
  /** What the ledger holds. */
  readonly ledger: LedgerSnapshot;
}

/**
 * What a replica does in the background: keeps its place in the fleet, and reads what readiness is judged by. Each time on a connection of its own that is
 * closed before it returns, so that neither the application's pool nor the server's connection limit matters (operating.md 2.4). Works through any
 * pooler: no session state, no named statements. While nothing changes a read is one statement on Postgres and two on MySQL.
 */
export class ReplicaReader {
  #acquainted: Acquainted | null = null;

  /** @param registration null = nobody is asked, nobody registers (`fleet: { mode: 'off' }`) */
  constructor(
    private readonly environment: MigratorEnvironment,
    private readonly knowledge: BuildKnowledge,
    private readonly registration: Registration | null,
  ) {}

  /** @param state what this replica answers to readiness at the moment */
  async read(signal: AbortSignal, state: ReadinessState): Promise<ReadinessObservation> {
    const acquainted = this.#acquainted;
    this.#acquainted = null;
    let session: Session | null = null;
    try {
      session = await this.#connect(signal, acquainted?.server);
      const observation =
        (acquainted === null ? null : await this.#again(session, acquainted, state)) ??
        (await this.#afresh(session, state));
      return observation;
    } catch (error) {
      if (isMigratorError(error) && error.code === 'MISSING_PRIVILEGE')
        return { kind: 'no-permission' };
      throw error;
    } finally {
      await session?.close();
    }
  }

  /** Says goodbye to the fleet, where this replica is a part of it. */
  async leave(signal: AbortSignal): Promise<void> {
    const { registration } = this;
    this.#acquainted = null;
    if (registration === null || !registration.hasTried) return;
    const session = await this.#connect(signal);
    try {
      await registration.leave(session);
    } finally {
      await session.close();
    }
  }

  #connect(signal: AbortSignal, known?: ServerInfo): Promise<Session> {
    const { database, options } = this.environment;
    return database.connect({
      role: 'reader',
      queryTimeoutMs: options.readiness.queryTimeoutMs,
      signal,
      ...(known !== undefined && { known }),
    });
  }

  /** @returns null when something is not as it was: the ledger, the lease, a table or a right */
  async #again(
    session: Session,
    acquainted: Acquainted,
    state: ReadinessState,
  ): Promise<ReadinessObservation | null> {
    const { options, location } = this.environment;
    // Who has no place in the fleet tries again each time, unless it has just been told to let be.
    if (this.#isUnregistered() && this.registration?.isResting !== true) return null;
    const { migrations } = await this.knowledge.journal();
    const lease = this.registration?.leaseOf(session.server, state) ?? null;
    let pulse: Pulse | null;
    try {
      pulse = await readPulse(session, location, acquainted.catalogue, acquainted.ledger, {
        ...(lease !== null && { lease }),
        operations: options.operations.size > 0,
      });
    } catch (error) {
      if (error instanceof StatementError) return null;
      // Somebody may have locked the registry: the next read does without it.
      if (lease !== null) this.registration?.rest();
      throw error;
    }
    if (pulse === null || pulse.renewed === false) return null;
    const missingMarkers = await this.#markers(session);
    this.#acquainted = { ...acquainted, ledger: pulse.ledger };
    return {
      kind: 'read',
      ledger: pulse.ledger,
      match: layOver(migrations, pulse.ledger, session.server),
      missingMarkers,
      operations: pulse.operations === null ? null : statesOf(pulse.operations),
      unregistered: this.#isUnregistered(),
    };
  }

  async #afresh(session: Session, state: ReadinessState): Promise<ReadinessObservation> {
    const { options, location } = this.environment;
    const journal = await this.knowledge.journal();
    const catalogue = await readCatalogue(session, location);
    // Before the ledger is read: whoever decides on a migration either finds this replica here, or this replica finds the migration there.
    await this.registration?.keep(session, catalogue, journal, state).catch((error: unknown) => {
      this.registration?.rest();
      throw error;
    });
    const ledger = await readLedger(session, location, { catalogue });
    const missingMarkers = await this.#markers(session);
    const asksOperations = options.operations.size > 0;
    const operations = asksOperations ? await operationStates(session, location) : null;
    const readable =
      !asksOperations || catalogue.tables.get('migration_operations')?.select === true;
    // A server that takes no writes may soon be one that does: it is asked each time.
    if (ledger.version !== null && readable && !session.server.readOnly)
      this.#acquainted = { server: session.server, catalogue, ledger };
    return {
      kind: 'read',
      ledger,
      match: layOver(journal.migrations, ledger, session.server),
      missingMarkers,
      operations,
      unregistered: this.#isUnregistered(),
    };
  }

  #markers(session: Session): Promise<readonly string[]> {
    const { requires, readiness } = this.environment.options;
    return failedMarkers(session, requires, readiness.queryTimeoutMs);
  }

  #isUnregistered(): boolean {
    return this.registration !== null && !this.registration.isRegistered;
  }
}
