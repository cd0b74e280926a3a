import type { Journal, Migration } from '../journal/journal.js';
import type { LedgerMatch } from '../ledger/ledger.js';
import type { Phase } from '../operations/operation.js';
import type { Impact } from '../statements/statement.js';
import type { CalledPhases } from './operation-grounds.js';

/** What readiness knows of one migration that this build ships. */
export interface KnownMigration {
  readonly tag: string;
  /** 0-based position in the journal. */
  readonly position: number;
  readonly createdAtMs: number;
  /** null = not looked at, because it is applied, or not readable. A pending one counts as required then. */
  readonly impact: Impact | null;
}

/** What this build ships and requires, read from its journal once and kept. */
export interface BuildKnowledge {
  /** The journal, loaded on the first call; a failure is not kept. */
  journal(): Promise<Journal>;
  /** The known migrations; impacts are computed for what a match leaves missing, once each. */
  describe(match: LedgerMatch): Promise<readonly KnownMigration[]>;
  /** Which phases of operations the journal calls. */
  called(): Promise<readonly CalledPhases[]>;
}

/**
 * Keeps the journal and the impacts of pending migrations, so that a refresher that reads every second parses nothing twice.
 * @param load reads the journal
 * @param impactOf parses one migration; what it throws makes the migration count as required
 * @param phasesOf the `@operation` lines of one migration. @default none are looked for
 */
export function createBuildKnowledge(
  load: () => Promise<Journal>,
  impactOf: (migration: Migration) => Impact | Promise<Impact>,
  phasesOf: (
    migration: Migration,
  ) => readonly { readonly name: string; readonly phase: Phase }[] = () => [],
): BuildKnowledge {
  let calling: readonly CalledPhases[] | null = null;
  let loading: Promise<Journal> | null = null;
  const parsed = new Map<string, Impact | null>();

  const journal = (): Promise<Journal> => {
    loading ??= load().catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };

  const impact = async (migration: Migration): Promise<Impact | null> => {
    const kept = parsed.get(migration.tag);
    if (kept !== undefined) return kept;
    // A file that cannot be read is the release job's to report; here it can only mean: not known to be optional.
    const found = await Promise.resolve(migration)
      .then(impactOf)
      .catch(() => null);
    parsed.set(migration.tag, found);
    return found;
  };

  return {
    journal,

    async called() {
      if (calling !== null) return calling;
      const phases = new Map<string, Set<Phase>>();
      for (const migration of (await journal()).migrations) {
        for (const { name, phase } of phasesOf(migration))
          phases.set(name, (phases.get(name) ?? new Set()).add(phase));
      }
      calling = [...phases].map(([name, called]) => ({ name, phases: called }));
      return calling;
    },

    async describe(match) {
      const { migrations } = await journal();
      const missing = new Set(
        match.entries
          .filter(({ verdict }) => verdict === 'pending' || verdict === 'ambiguous')
          .map(({ tag }) => tag),
      );
      return Promise.all(
        migrations.map(async (migration) => ({
          tag: migration.tag,
          position: migration.position,
          createdAtMs: migration.createdAtMs,
          impact: missing.has(migration.tag) ? await impact(migration) : null,
        })),
      );
    },
  };
}
