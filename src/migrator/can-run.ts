import type { Journal } from '../journal/journal.js';
import { journalOfManifest, readManifest } from '../journal/manifest.js';
import { readLedger } from '../ledger/read-ledger.js';
import type { CanRunResult } from './fleet-contract.js';
import { settle, type Standing } from '../readiness/assess.js';
import { judge } from '../readiness/judge.js';
import { createBuildKnowledge } from '../readiness/knowledge.js';
import { layOver } from '../run/lay-over.js';
import { impactReader, phaseReader } from './build-requirements.js';
import { withLookingSession, type MigratorEnvironment } from './environment.js';
import { failedMarkers } from './failed-markers.js';
import { assertOwnManifest } from './own-manifest.js';
import { operationStates } from './operation-states.js';

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
    const states = await operationStates(session, location);
    const observation = {
      kind: 'read' as const,
      ledger,
      match,
      // What another build asks of its database beyond its migrations no manifest says.
      missingMarkers:
        options.build === undefined
          ? await failedMarkers(session, resolved.requires, resolved.readiness.queryTimeoutMs)
          : [],
      operations: states,
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
  const { service, build } = manifest;
  assertOwnManifest(manifest, path, options.fleet.service, database.dialect);
  return { journal: journalOfManifest(manifest, path), service, build };
}
