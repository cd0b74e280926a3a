import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as kit from 'drizzle-kit/api';

/** The exports of a schema.ts. */
export type Schema = Readonly<Record<string, unknown>>;

/** A folder that drizzle-kit 0.31 has made: one migration a schema, each with its snapshot. */
export interface KitJournal {
  readonly folder: string;
  readonly tags: readonly string[];
  readonly remove: () => Promise<void>;
}

const FIRST_WHEN = Date.UTC(2026, 0, 1);

/** Writes what `drizzle-kit generate` writes when schema.ts is each of these in turn. */
export async function kitJournal(
  dialect: 'postgresql' | 'mysql',
  schemas: readonly Schema[],
): Promise<KitJournal> {
  const folder = await mkdtemp(join(tmpdir(), 'kit-journal-'));
  await mkdir(join(folder, 'meta'));
  const tags: string[] = [];
  let previous = await snapshotOf(dialect, {});
  for (const [index, schema] of schemas.entries()) {
    const number = String(index).padStart(4, '0');
    const snapshot = await snapshotOf(dialect, schema, index === 0 ? undefined : previous.id);
    const statements = await between[dialect](previous, snapshot);
    const tag = `${number}_step`;
    await writeFile(join(folder, `${tag}.sql`), statements.join('--> statement-breakpoint\n'));
    await writeFile(
      join(folder, 'meta', `${number}_snapshot.json`),
      JSON.stringify(snapshot, null, 2),
    );
    tags.push(tag);
    previous = snapshot;
  }
  const entries = tags.map((tag, idx) => ({
    ...{ idx, version: '7', tag, breakpoints: true },
    when: FIRST_WHEN + idx * 60_000,
  }));
  await writeFile(
    join(folder, 'meta', '_journal.json'),
    JSON.stringify({ version: '7', dialect, entries }, null, 2),
  );
  return { folder, tags, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Drizzle Kit's own types are made with a package that it does not ship. */
interface KitSnapshot {
  readonly id: string;
}
type Between = (from: KitSnapshot, to: KitSnapshot) => Promise<readonly string[]>;

async function snapshotOf(
  dialect: 'postgresql' | 'mysql',
  schema: Schema,
  previousId?: string,
): Promise<KitSnapshot> {
  const made: unknown =
    dialect === 'mysql'
      ? await kit.generateMySQLDrizzleJson({ ...schema }, previousId)
      : kit.generateDrizzleJson({ ...schema }, previousId);
  return made as KitSnapshot;
}

const between: Readonly<Record<'postgresql' | 'mysql', Between>> = {
  postgresql: kit.generateMigration as Between,
  mysql: kit.generateMySQLMigration as Between,
};
