import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { downPath, makeDown, type DownDraft, type GenerateSql } from '../down/make-down.js';
import { snapshotReader } from '../down/snapshot-pair.js';
import { MigratorError } from '../errors.js';
import { loadJournal } from '../journal/load-journal.js';
import type { Journal } from '../journal/journal.js';
import { assertKnownTag, type MigratorEnvironment } from './environment.js';
import type { JournalSource } from './lint.js';

/** What is to become of the draft. */
export interface MakeDownRequest {
  /** How Drizzle Kit is called: `drizzleKitSql` of the command line. */
  readonly generate: GenerateSql;
  /** `'new'` writes the file where there is none, `'overwrite'` also where there is one, `'nothing'` only drafts. @default 'nothing' */
  readonly write?: 'new' | 'overwrite' | 'nothing';
}

/** A drafted down file, and whether it was written. */
export interface MadeDown extends DownDraft {
  readonly written: boolean;
}

/** Drafts the way back of a migration from Drizzle Kit's snapshots, and writes it where it is asked to. */
export function makeDownFile(
  environment: MigratorEnvironment,
  tag: string,
  request: MakeDownRequest,
): Promise<MadeDown> {
  const { options, database } = environment;
  return make(environment.journal(), options.migrationsFolder, database.dialect, tag, request);
}

/** The same for a folder alone. */
export function makeDownOfFolder(
  { folder, given, dialect }: JournalSource,
  tag: string,
  request: MakeDownRequest,
): Promise<MadeDown> {
  return make(loadJournal(folder, given), folder, dialect, tag, request);
}

async function make(
  journal: Journal,
  folder: string,
  dialect: JournalSource['dialect'],
  tag: string,
  { generate, write = 'nothing' }: MakeDownRequest,
): Promise<MadeDown> {
  assertKnownTag(journal, tag);
  if (journal.manifest !== undefined) throw noFolder(journal.folder);
  const migration = journal.migrations.find((each) => each.tag === tag);
  if (write === 'new' && migration !== undefined && migration.downFile !== null)
    throw alreadyThere(tag, migration.downFile);
  const draft = await makeDown(journal, tag, dialect, snapshotReader(folder), generate);
  if (write === 'nothing' || migration === undefined) return { ...draft, written: false };
  try {
    // Somebody may have written one meanwhile.
    const flag = write === 'new' ? 'wx' : 'w';
    writeFileSync(join(folder, downPath(migration)), draft.text, { flag });
  } catch (cause) {
    if (isThere(cause)) throw alreadyThere(tag, draft.file);
    throw new MigratorError('USAGE', {
      message: `${draft.file} cannot be written.`,
      place: { migration: tag, file: draft.file },
      state: 'Nothing was written.',
      remedy:
        'Give this process the right to write to the migrations folder, or print the draft: --print.',
      cause,
    });
  }
  return { ...draft, written: true };
}

function isThere(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST';
}

function alreadyThere(tag: string, file: string): MigratorError {
  return new MigratorError('USAGE', {
    message: `Migration ${tag} has a down file already: ${file}.`,
    place: { migration: tag, file },
    state: 'Nothing was written.',
    remedy: `Look at a new draft with --print, or replace the file: nest-migrate make-down ${tag} --force`,
  });
}

function noFolder(folder: string): MigratorError {
  return new MigratorError('USAGE', {
    message: `${folder} is a manifest: it has no snapshots, and no place for a down file.`,
    state: 'Nothing was written.',
    remedy: 'Name the Drizzle Kit folder: --migrations <folder>.',
  });
}
