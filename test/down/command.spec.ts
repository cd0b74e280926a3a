import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { documentOf, runCli, runNode, type Finished } from '../cli/child.js';
import { kitJournal, type KitJournal } from './kit-journal.js';

const ROOT = resolve(import.meta.dirname, '../..');
const DOWN = '0001_step.down.sql';

let made: KitJournal;
let cwd: string;

beforeAll(async () => {
  const users = pgTable('users', { id: integer() });
  const more = pgTable('users', { id: integer(), note: text() });
  made = await kitJournal('postgresql', [{ users }, { more }]);
});
afterAll(() => made.remove());
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'make-down-'));
  cpSync(made.folder, join(cwd, 'drizzle'), { recursive: true });
});
afterEach(() => rmSync(cwd, { recursive: true }));

const command = (...args: readonly string[]): Promise<Finished> =>
  runCli(['make-down', ...args], { cwd });
const written = (name = DOWN): string => readFileSync(join(cwd, 'drizzle', name), 'utf8');

describe('nest-migrate make-down', () => {
  it('writes the file that a 0.x journal finds, and prints it', async () => {
    const { exitCode, stdout } = await command('0001_step');
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`written: drizzle/${DOWN}\n${written()}`);
    expect(written()).toContain('ALTER TABLE "users" DROP COLUMN "note";');
  });

  it('leaves a file that is there, unless it is told to replace it', async () => {
    writeFileSync(join(cwd, 'drizzle', DOWN), '-- mine');
    const refused = await command('0001_step', '--json');
    expect(refused.exitCode).toBe(64);
    expect(documentOf(refused).error?.code).toBe('USAGE');
    expect(written()).toBe('-- mine');

    const replaced = await command('0001_step', '--force', '--json');
    expect(replaced.exitCode).toBe(0);
    expect(documentOf(replaced).result).toMatchObject({
      tag: '0001_step',
      file: `drizzle/${DOWN}`,
      exists: true,
      written: true,
      complete: true,
      text: written(),
    });
    expect(written()).not.toBe('-- mine');
  });

  it('prints and writes nothing with --print, also where there is a file', async () => {
    const { exitCode, stdout } = await command('0001_step', '--print');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^-- Drafted by [\s\S]*"note";\n$/);
    expect(existsSync(join(cwd, 'drizzle', DOWN))).toBe(false);
    expect((await command('0001_step', '--print', '--force')).exitCode).toBe(64);
  });

  it('asks nothing where drizzle-kit would, and says what is not clear', async () => {
    const file = join(cwd, 'drizzle/meta/0001_snapshot.json');
    const snapshot = readFileSync(file, 'utf8');
    writeFileSync(file, snapshot.replace(/"id": \{\s*"name": "id"/, '"key": { "name": "key"'));
    const { exitCode, stderr, stdout } = await command('0001_step');
    expect({ exitCode, stdout }).toEqual({ exitCode: 7, stdout: '' });
    expect(stderr).toContain('DOWN_NOT_DRAFTED');
    expect(stderr).toContain('table users would lose column');
  });

  it('does not know a migration', async () => {
    expect((await command('0009_none')).stderr).toContain('UNKNOWN_TAG');
  });

  it('asks for drizzle-kit of the line that wrote a 1.x folder', async () => {
    const folder = join(cwd, 'drizzle/20260101000000_first');
    rmSync(join(cwd, 'drizzle'), { recursive: true });
    cpSync(join(made.folder, '0000_step.sql'), join(folder, 'migration.sql'));
    const entity = { entityType: 'tables', schema: 'public', name: 'users', isRlsEnabled: false };
    writeFileSync(
      join(folder, 'snapshot.json'),
      JSON.stringify({ version: '9', dialect: 'postgres', id: 'a', prevIds: [], ddl: [entity] }),
    );
    const { exitCode, stderr } = await command('20260101000000_first');
    expect(exitCode).toBe(64);
    expect(stderr).toContain('MISSING_PACKAGE');
    expect(stderr).toContain('drizzle-kit@^1');
  });

  it('asks for drizzle-kit by name where there is none', async () => {
    const home = join(cwd, 'node_modules/nestjs-drizzle-migrator');
    for (const part of ['dist', 'package.json'])
      cpSync(join(ROOT, part), join(home, part), { recursive: true });
    for (const name of ['commander', 'jiti', 'moo'])
      symlinkSync(join(ROOT, 'node_modules', name), join(cwd, 'node_modules', name));
    const finished = await runNode(
      [join(home, 'dist/cli/main.js'), 'make-down', '0001_step', '--json'],
      { cwd },
    );
    expect(finished.exitCode).toBe(64);
    expect(documentOf(finished).error).toMatchObject({
      code: 'MISSING_PACKAGE',
      remedy: 'npm install drizzle-kit',
    });
  });
});
