import { StatementError, type ServerInfo, type Session } from '../database/database.js';
import type { Journal } from '../journal/journal.js';
import type { LedgerCatalogue } from '../ledger/catalogue.js';
import type { LedgerLocation } from '../ledger/ledger.js';
import { scopeOf } from '../ledger/location.js';
import type { Beside } from '../ledger/snapshot-rows.js';
import type { InstanceFacts } from './instance.js';
import { leaving, living, registering, renewing, type Whose } from './instance-sql.js';
import { newSelfId, type SelfId } from './self.js';

/** Milliseconds without another try after one that was not answered in time: less than a lease. */
const REST_MS = 20_000;

/** One process's place in the registry: taken before it turns ready, kept by each read, given up by a graceful stop. */
export class Registration {
  #self: SelfId;
  #registered = false;
  #tried = false;
  #restsUntil = -Infinity;

  /** @param factsOf what this process says of itself, from its journal */
  constructor(
    private readonly location: LedgerLocation,
    private readonly factsOf: (journal: Journal) => InstanceFacts,
    private readonly newId: () => SelfId = newSelfId,
  ) {
    this.#self = newId();
  }

  /** Whether its row is there, as far as it knows. */
  get isRegistered(): boolean {
    return this.#registered;
  }

  /** Whether a row of its may be there: an answer that never came may have been a yes. */
  get hasTried(): boolean {
    return this.#tried;
  }

  /** Whether it lets the registry be for the moment. */
  get isResting(): boolean {
    return performance.now() < this.#restsUntil;
  }

  /** Lets the registry be for a while: it did not answer, and what readiness reads must not wait for it. */
  rest(): void {
    this.#registered = false;
    this.#restsUntil = performance.now() + REST_MS;
  }

  /** What renews the lease in the statement that reads the ledger; null where there is none to renew. */
  leaseOf(server: ServerInfo, state: string): Required<Beside>['lease'] | null {
    if (!this.#registered) return null;
    const { dialect } = server;
    const whose = this.#whose(server);
    return {
      renewing: (first) => renewing(dialect, whose, state, first),
      living: (first) => living(dialect, whose, first),
    };
  }

  /** Renews the lease, or registers. Where that is refused this process is not registered, and the next read tries again. */
  async keep(
    session: Session,
    catalogue: LedgerCatalogue,
    journal: Journal,
    state: string,
  ): Promise<void> {
    const { dialect } = session.server;
    const access = catalogue.tables.get('migration_instances');
    // Asked of the catalogue where it knows: a refused statement is an ERROR in the log of Postgres, each time.
    const refused =
      dialect === 'postgresql' && (access === undefined || !access.select || !access.write);
    if (refused || session.server.readOnly || this.isResting) {
      this.#registered = false;
      return;
    }
    this.#tried = true;
    try {
      if (this.#registered && (await this.#renew(session, state))) return;
      this.#registered = await this.#register(session, journal, state);
    } catch (error) {
      this.#registered = false;
      // No table, no right, a standby, whatever it is: who cannot register serves all the same.
      if (!(error instanceof StatementError)) throw error;
    }
  }

  /** A graceful stop. */
  async leave(session: Session): Promise<void> {
    const goodbye = leaving(session.server.dialect, this.#whose(session.server));
    await session.query(goodbye.sql, goodbye.params);
    this.#registered = false;
  }

  async #renew(session: Session, state: string): Promise<boolean> {
    const sign = renewing(session.server.dialect, this.#whose(session.server), state);
    await session.query(sign.sql, sign.params);
    return this.#lives(session);
  }

  async #register(session: Session, journal: Journal, state: string): Promise<boolean> {
    const facts = this.factsOf(journal);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const row = registering(session.server.dialect, this.#whose(session.server), facts, state);
      await session.query(row.sql, row.params);
      if (await this.#lives(session)) return true;
      // Somebody else has this id: a process copied while it ran.
      this.#self = this.newId();
    }
    return false;
  }

  async #lives(session: Session): Promise<boolean> {
    const row = living(session.server.dialect, this.#whose(session.server));
    const rows = await session.query(`select 1 ${row.sql}`, row.params);
    return rows.length > 0;
  }

  #whose(server: ServerInfo): Whose {
    return { location: this.location, scope: scopeOf(this.location, server), self: this.#self };
  }
}
