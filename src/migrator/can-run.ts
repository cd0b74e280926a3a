import { MigratorError } from '../errors.js';
import type { Journal } from '../journal/journal.js';
import { journalOfManifest, readManifest } from '../journal/manifest.js';
import { readLedger } from '../ledger/read-ledger.js';
import type { CanRunResult } from '../migrator.js';
import { settle, type Standing } from '../readiness/assess.js';
import { judge } from '../readiness/judge.js';
import { createBuildKnowledge } from '../readiness/knowledge.js';
import { readOperations } from '../ledger/operation-store.js';
import type { OperationState } from '../operations/operation.js';
import { layOver } from '../run/lay-over.js';
import { impactReader, phaseReader } from './build-requirements.js';
import { withLookingSession, type MigratorEnvironment } from './environment.js';
import { failedMarkers } from './failed-markers.js';

/** A replica that has just been started. */
const FRESH: Standing = { wasReady: false, serving: false, badReads: 0, unreachableMs: 0 };

/**
 * Whether a build may be started against this database as it is now: the answer that its first replica would give. Only reads.
 *
 * @param options.build path of the manifest of another build. @default this one
 * @throws {MigratorError} `CONFIGURATION` for the manifest of another service; what reading a journal and a ledger throws
 */
export async function canRun(
  environment: MigratorEnvironment,
  options: { readonly build?: string; readonly signal?: AbortSignal } = {},
): Promise<CanRunResult> {
  const { options: resolved, location } = environment;
  const { journal, service, build } =
    options.build === undefined
      ? {
          journal: environment.journal(),
          service: resolved.fleet.service,
          build: resolved.build,
        }
      : otherBuild(environment, options.build);
  const knowledge = createBuildKnowledge(
    () => Promise.resolve(journal),
    impactReader(environment),
    phaseReader(environment),
  );
  return withLookingSession(environment, options.signal, async (session) => {
    const ledger = await readLedger(session, location);
    const match = layOver(journal.migrations, ledger, session.server);
    const records = ledger.bootstrapped ? await readOperations(session, location) : [];
    const observation = {
      kind: 'read' as const,
      ledger,
      match,
      // What another build asks of its database beyond its migrations no manifest says.
      missingMarkers:
        options.build === undefined
          ? await failedMarkers(session, resolved.requires, resolved.readiness.queryTimeoutMs)
          : [],
      operations: new Map(records.map(({ name, state }) => [name, state as OperationState])),
    };
    const known = await knowledge.describe(match);
    const grounds = judge(known, observation, resolved.readiness, await knowledge.called());
    const { state, reasons } = settle(grounds, FRESH, resolved.readiness);
    return {
      canRun: state !== 'down',
      state,
      reasons,
      build: {
        service,
        build,
        head: journal.migrations.at(-1)?.tag ?? null,
        migrations: journal.migrations.length,
      },
    };
  });
}

function otherBuild(
  { options, database }: MigratorEnvironment,
  path: string,
): { readonly journal: Journal; readonly service: string | null; readonly build: string | null } {
  const manifest = readManifest(path);
  const { service, build, dialect } = manifest;
  const own = options.fleet.service;
  const another = service !== null && service !== UNNAMED && own !== UNNAMED && service !== own;
  if (another || dialect !== database.dialect) {
    throw new MigratorError('CONFIGURATION', {
      message: another
        ? `${path} is the manifest of ${service}, and this is the database of ${own}.`
        : `${path} is the manifest of a build for ${dialect}, and this database is ${database.dialect}.`,
      state: 'Nothing was changed.',
      remedy: another
        ? `Give the manifest of a build of ${own}, or set fleet.service to ${service} if it is the same application.`
        : 'Give the manifest of a build for this database.',
    });
  }
  return { journal: journalOfManifest(manifest, path), service, build };
}

/** The default of `fleet.service` where nothing names the application. */
const UNNAMED = 'app';
