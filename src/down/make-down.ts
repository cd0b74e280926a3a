import { join } from 'node:path';
import type { Journal, Migration } from '../journal/journal.js';
import { parseMigration } from '../journal/parse-migration.js';
import type { Dialect } from '../statements/statement.js';
import { ambiguous, refuseWithoutWayBack } from './down-errors.js';
import { draftDown, type DownText } from './draft-down.js';
import { renameQuestions } from './rename-questions.js';
import { schemaChanges } from './schema-changes.js';
import type { Json } from './snapshot-json.js';
import type { SnapshotLine } from './snapshot.js';
import { findSnapshots, type ReadSnapshotFile } from './snapshot-pair.js';

/** A drafted down file. */
export interface DownDraft extends DownText {
  readonly tag: string;
  /** Path of the down file, as the folder was given. */
  readonly file: string;
  /** Whether there is one already. */
  readonly exists: boolean;
  /** The snapshots that it was made from, as the folder was given; `previous` is null for the first migration. */
  readonly snapshots: { readonly current: string; readonly previous: string | null };
}

/** What Drizzle Kit is asked for. */
export interface GenerateRequest {
  readonly line: SnapshotLine;
  readonly dialect: Dialect;
  readonly from: Json;
  readonly to: Json;
}

/** Drizzle Kit's statements that lead from one snapshot to another, or what it would have to ask first. */
export type GenerateSql = (
  request: GenerateRequest,
) => Promise<
  | { readonly kind: 'statements'; readonly statements: readonly string[] }
  | { readonly kind: 'questions'; readonly questions: readonly string[] }
>;

/**
 * Drafts the down file of a migration from Drizzle Kit's snapshots. Reads files, writes none.
 *
 * @param tag a migration of the journal
 * @throws {MigratorError} `DOWN_NOT_DRAFTED`, `SNAPSHOT_UNUSABLE`, `MISSING_PACKAGE`, and what is wrong with the file
 */
export async function makeDown(
  journal: Journal,
  tag: string,
  dialect: Dialect,
  read: ReadSnapshotFile,
  generate: GenerateSql,
): Promise<DownDraft> {
  const migration = journal.migrations.find((each) => each.tag === tag);
  if (migration === undefined) throw new RangeError(`no migration ${tag}`);
  const parsed = parseMigration(migration, { dialect, codeMigrations: null, operations: null });
  refuseWithoutWayBack(parsed);
  const snapshots = findSnapshots(journal, migration, dialect, read);
  const current = snapshots.current.snapshot;
  const previous = snapshots.previous.snapshot;
  const file = join(journal.folder, downPath(migration));
  if (current.line === '0.x') {
    const questions = renameQuestions(schemaChanges(current, previous), previous);
    if (questions.length > 0) throw ambiguous(migration, file, questions);
  }
  const { line } = current;
  const made = await generate({ line, dialect, from: current.json, to: previous.json });
  if (made.kind === 'questions') throw ambiguous(migration, file, made.questions);
  return {
    tag,
    file,
    exists: migration.downFile !== null,
    snapshots: { current: snapshots.current.file ?? '', previous: snapshots.previous.file },
    ...draftDown({ parsed, snapshots, generated: made.statements, dialect }),
  };
}

/** Where the down file of a migration stands, in its folder. */
export function downPath({ tag, layout }: Pick<Migration, 'tag' | 'layout'>): string {
  return layout === 'folder' ? join(tag, 'down.sql') : `${tag}.down.sql`;
}
