// Makes the package's JavaScript out of what tsc wrote to build/: a few chunks instead of some 250 modules, because a short-lived command spends
// more time on resolving and loading modules than on its work. Declarations come from tsc itself; dependencies stay outside.
import { readdirSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { build } from 'esbuild';

const { metafile } = await build({
  entryPoints: [
    'index',
    'nest/index',
    'lock/redlock/index',
    'drizzle/index',
    'testing/index',
    'cli/main',
  ].map((entry) => `build/${entry}.js`),
  outbase: 'build',
  outdir: 'dist',
  // One level below dist/, like every entry with code of its own: what is found by import.meta.url lies two levels above.
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  // Nest prints the names of classes.
  keepNames: true,
  metafile: true,
  logLevel: 'warning',
});

const written = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
for (const chunk of readdirSync('dist/chunks')) {
  if (!written.has(chunk)) rmSync(`dist/chunks/${chunk}`);
}
