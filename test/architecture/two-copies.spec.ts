import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../../src', import.meta.url));

it('no source tells our errors by their class: the command line and the application may each have a copy of it', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  expect(files).toContain('errors.ts');
  expect(
    files.filter((file) =>
      /\binstanceof\s+MigratorError\b/.test(readFileSync(join(src, file), 'utf8')),
    ),
  ).toEqual([]);
});
