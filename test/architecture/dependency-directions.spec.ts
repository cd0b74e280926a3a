import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../../src', import.meta.url));

/** DESIGN 3: dependencies point one way. For each area, the areas it may import at run time. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  'run-events': [],
  nearest: [],
  wording: [],
  options: ['errors', 'database', 'lock', 'nearest', 'options'],
  'resolve-options': ['errors', 'options', 'database', 'operations'],
  database: ['errors', 'options'],
  statements: ['errors', 'database'],
  journal: ['errors', 'nearest', 'statements'],
  ledger: ['errors', 'database', 'lock', 'statements'],
  lock: ['errors', 'database', 'wording'],
  operations: ['errors', 'nearest', 'database', 'statements'],
  backfill: ['errors', 'database', 'operations'],
  backup: ['errors', 'database'],
  drizzle: [],
  lint: ['errors', 'nearest', 'database', 'statements', 'journal', 'plan'],
  down: ['errors', 'database', 'statements', 'journal'],
  fleet: ['errors', 'database', 'ledger'],
  plan: ['errors', 'statements', 'operations', 'fleet', 'wording'],
  run: [
    'errors',
    'database',
    'statements',
    'journal',
    'ledger',
    'lock',
    'plan',
    'operations',
    'backfill',
    'fleet',
    'wording',
  ],
  readiness: ['errors', 'operations'],
  report: ['errors', 'wording'],
  process: ['errors', 'report'],
  migrator: [
    'errors',
    'resolve-options',
    'options',
    'database',
    'statements',
    'journal',
    'ledger',
    'lock',
    'plan',
    'run',
    'readiness',
    'report',
    'operations',
    'backfill',
    'backup',
    'fleet',
    'lint',
    'down',
  ],
  'create-migrator': [
    'database',
    'fleet',
    'journal',
    'ledger',
    'migrator',
    'readiness',
    'resolve-options',
  ],
  index: ['errors', 'create-migrator', 'fleet', 'operations'],
  testing: ['errors', 'create-migrator', 'database', 'journal', 'ledger', 'operations'],
  nest: ['errors', 'create-migrator', 'process', 'report', 'resolve-options', 'options'],
  cli: [
    'errors',
    'create-migrator',
    'process',
    'report',
    'resolve-options',
    'options',
    'nest',
    'database',
    'wording',
    // lint and split do without a database, and so without a migrator.
    'migrator',
  ],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The first part of the path below src: the area. Inside lock/redlock counts as lock. */
function areaOf(path: string): string {
  const [first = ''] = relative(src, path).split(sep);
  return first.replace(/\.(?:ts|js)$/, '');
}

/** Imports that remain at run time, static and dynamic; `import type` vanishes. */
function runtimeImports(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found = [
    ...text.matchAll(/^(?:import|export)\s+(?!type\b)[^'"]*?from\s+'([^']+)'/gm),
    ...text.matchAll(/\bimport\(\s*'([^']+)'\s*\)(?!\.)/g),
    ...text.matchAll(/^import\s+'([^']+)'/gm),
  ];
  return found
    .filter(([statement]) => !/^import\s*\{(?:\s*type\s+\w+\s*,?)+\s*\}/.test(statement))
    .map(([, specifier = '']) => specifier);
}

function areaImports(): Import[] {
  return sourceFiles(src).flatMap((file) =>
    runtimeImports(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => ({
        from: relative(src, file),
        to: relative(src, resolve(dirname(file), specifier)),
      })),
  );
}

describe('dependency directions', () => {
  const imports = areaImports();

  it('sees the imports of the tree', () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  it('lets an area import only what DESIGN 3 allows', () => {
    const wrong = imports
      .map((entry) => ({
        ...entry,
        area: areaOf(join(src, entry.from)),
        other: areaOf(join(src, entry.to)),
      }))
      .filter(({ area, other }) => area !== other && !(MAY_IMPORT[area] ?? []).includes(other))
      .map(({ from, to }) => `${from} -> ${to}`);
    expect(wrong).toEqual([]);
  });

  it('knows every area of the tree', () => {
    const areas = new Set(sourceFiles(src).map(areaOf));
    expect([...areas].filter((area) => MAY_IMPORT[area] === undefined)).toEqual([]);
  });

  it('keeps Nest inside src/nest, and drivers inside their adapters', () => {
    const allowed: Readonly<Record<string, RegExp>> = {
      '@nestjs/': /^(?:nest|cli)\//,
      pg: /^database\/postgres\//,
      mysql2: /^database\/mysql\//,
      redlock: /^lock\/redlock\//,
      ioredis: /^lock\/redlock\//,
      'drizzle-kit': /^(?:cli|testing)\//,
    };
    const wrong = sourceFiles(src).flatMap((file) =>
      runtimeImports(file).flatMap((specifier) =>
        Object.entries(allowed)
          .filter(
            ([name]) =>
              specifier === name || specifier.startsWith(name.endsWith('/') ? name : `${name}/`),
          )
          .filter(([, where]) => !where.test(relative(src, file)))
          .map(() => `${relative(src, file)} -> ${specifier}`),
      ),
    );
    expect(wrong).toEqual([]);
  });
});
