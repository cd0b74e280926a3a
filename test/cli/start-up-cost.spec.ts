import { afterAll, expect, it } from '@jest/globals';
import { resolve } from 'node:path';
import { CLI, journalIn, project, removeProjects, runNode } from './child.js';

const ROOT = resolve(import.meta.dirname, '../..');
afterAll(removeProjects);

/** Runs the command line and says which of these modules it loaded, of Node's own and of files. */
async function loaded(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const cwd = project(journalIn('drizzle'));
  const script = `
    import { createRequire } from 'node:module';
    process.argv.splice(1, 0, ${JSON.stringify(CLI)});
    process.on('exit', () => {
      const files = Object.keys(createRequire(${JSON.stringify(CLI)}).cache).join(' ');
      console.error('\\u0001' + JSON.stringify({ own: process.moduleLoadList.join(' '), files }));
    });
    await import(${JSON.stringify(CLI)});`;
  const finished = await runNode(['--input-type=module', '-e', script, '--', ...args], {
    cwd,
    env,
  });
  return JSON.parse(finished.stderr.split('\u0001')[1] ?? '{}') as { own: string; files: string };
}

it('--version loads neither a driver nor the loader of TypeScript', async () => {
  const { own, files } = await loaded(['--version']);
  expect(files).toContain('commander');
  expect(files).not.toMatch(/node_modules\/(pg|mysql2|jiti|drizzle-orm)\//);
  expect(own).not.toContain('undici');
});

it('a command on Postgres loads pg, and neither undici nor mysql2 nor jiti nor drizzle-orm', async () => {
  const url = 'postgresql://me@127.0.0.1:1/app';
  const { own, files } = await loaded(['status', '--migrations', 'drizzle', '--url', url]);
  expect(files).toContain(`${ROOT}/node_modules/pg/`);
  expect(files).not.toMatch(/node_modules\/(mysql2|jiti|drizzle-orm|@nestjs)\//);
  expect(own).not.toContain('undici/undici');
});
