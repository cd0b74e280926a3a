import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { EXIT_CODES } from '../../src/errors.js';
import { resolveOptions } from '../../src/resolve-options.js';
import { runCli } from './child.js';

const page = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

describe('docs/errors.md', () => {
  const errors = page('errors.md');
  /** The text of each section, under the exit codes that its chapter names. */
  const sections = errors.split(/^## /m).flatMap((chapter) => {
    const exits = chapter.split('\n', 1)[0]?.match(/\d+/g)?.map(Number) ?? [];
    return chapter
      .split(/^### /m)
      .slice(1)
      .map((text) => ({ code: text.split('\n', 1)[0] ?? '', exits, text }));
  });

  it.each(Object.entries(EXIT_CODES))(
    '%s has meaning, state and remedy, under exit %i',
    (code, exit) => {
      const found = sections.filter((section) => section.code === code);
      expect(found).toHaveLength(1);
      expect(found[0]?.exits).toContain(exit);
      expect(found[0]?.text).toMatch(/\n\n\S.+\n\n- State: .+\n- Do: .+/);
    },
  );

  it('describes no code that does not exist', () => {
    expect(sections.map(({ code }) => code).filter((code) => !(code in EXIT_CODES))).toEqual([]);
  });
});

describe('docs/configuration.md', () => {
  it('has every option', () => {
    const options = page('configuration.md');
    const resolved = resolveOptions(
      { database: { dialect: 'postgresql', url: 'postgres://h/d' } },
      { env: {}, cwd: '/', hostname: 'h' },
    );
    const { migrationsFolder: _path, migrationsGiven: _text, ...named } = resolved;
    const keys = [
      'migrations',
      ...Object.keys(named).filter(
        (key) => !['lock', 'policies', 'readiness', 'fleet', 'database', 'lenient'].includes(key),
      ),
      ...Object.keys(named.lock).map((key) => `lock.${key}`),
      ...Object.keys(named.policies).map((key) => `policies.${key}`),
      ...Object.keys(named.readiness).map((key) => `readiness.${key}`),
      ...Object.keys(named.fleet).map((key) => `fleet.${key}`),
    ];
    expect(keys.filter((key) => !options.includes(`\`${key}\``))).toEqual([]);
  });
});

describe('docs/cli.md', () => {
  it.each([
    'up',
    'plan',
    'status',
    'verify',
    'wait',
    'fleet',
    'can-run',
    'manifest',
    'baseline',
    'repair',
    'unlock',
    'operation add',
    'operation undo',
    'backfill run',
    'backfill list',
    'backfill set',
    'lint',
    'split',
    'make-down',
  ])('has every flag of %s', async (command) => {
    const { stdout } = await runCli([...command.split(' '), '--help'], { cwd: '/' });
    const flags = new Set(stdout.match(/--[a-z][a-z-]+/g));
    expect([...flags].filter((flag) => !page('cli.md').includes(flag))).toEqual([]);
  });
});
