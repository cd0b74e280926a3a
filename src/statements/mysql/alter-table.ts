import type { Cursor } from '../cursor.js';
import { effect, lock, partOf, touch, type Draft } from '../draft.js';
import type { LockTaken, ObjectName } from '../statement.js';

type Work = LockTaken['work'];
/** Cheapest first: a statement is as expensive as its most expensive clause. */
const WORKS: readonly Work[] = ['metadata', 'rows', 'scan', 'index build', 'rewrite', 'copy'];
const MODES = ['NONE', 'SHARED', 'EXCLUSIVE'];
const INDEX_WORDS = ['INDEX', 'KEY', 'FULLTEXT', 'SPATIAL', 'VECTOR'];

/** What one clause costs: the cheapest LOCK and work that the servers accept (expand-contract.md 3, measured). */
interface Cost {
  readonly mode: string;
  readonly work: Work;
}
const INSTANT: Cost = { mode: 'NONE', work: 'metadata' };
const BUILD: Cost = { mode: 'NONE', work: 'index build' };
const REBUILD: Cost = { mode: 'NONE', work: 'rewrite' };
const COPY: Cost = { mode: 'SHARED', work: 'copy' };

/** ALTER TABLE. The cursor stands behind TABLE. */
export function alterTable(draft: Draft, cursor: Cursor): void {
  cursor.ifExists();
  const table = cursor.object('table');
  if (table === null) return;
  cursor.takeAny('WAIT', 'NOWAIT');
  touch(draft, table);
  let total: Cost = INSTANT;
  let asked: Partial<Cost> = {};
  let dearest: Work = 'copy';
  do {
    if (cursor.take('ALGORITHM')) {
      cursor.takeText('=');
      const algorithm = cursor.word();
      if (algorithm === 'INSTANT') asked = { ...asked, ...INSTANT };
      if (algorithm === 'COPY') asked = { ...asked, work: 'copy' };
      // The server refuses rather than copies.
      if (algorithm === 'INPLACE' || algorithm === 'NOCOPY')
        dearest = algorithm === 'INPLACE' ? 'rewrite' : 'index build';
    } else if (cursor.take('LOCK')) {
      cursor.takeText('=');
      if (MODES.includes(cursor.word())) asked = { ...asked, mode: cursor.word() };
    } else {
      total = dearer(total, clause(draft, cursor, table));
    }
    cursor.skipToComma();
  } while (cursor.takeText(','));
  const work = WORKS.indexOf(total.work) > WORKS.indexOf(dearest) ? dearest : total.work;
  lock(draft, table, asked.mode ?? total.mode, asked.work ?? work);
}

function dearer(a: Cost, b: Cost): Cost {
  return {
    mode: MODES.indexOf(b.mode) > MODES.indexOf(a.mode) ? b.mode : a.mode,
    work: WORKS.indexOf(b.work) > WORKS.indexOf(a.work) ? b.work : a.work,
  };
}

function clause(draft: Draft, cursor: Cursor, table: ObjectName): Cost {
  const verb = cursor.word();
  cursor.skip();
  switch (verb) {
    case 'ADD':
      return add(draft, cursor, table);
    case 'DROP':
      return drop(draft, cursor, table);
    case 'MODIFY':
      cursor.take('COLUMN');
      cursor.ifExists();
      // The whole definition stands here, the old one does not: it may be the type that changes.
      effect(draft, 'retypes', partOf(table, 'column', cursor.identifier()));
      return COPY;
    case 'CHANGE': {
      cursor.take('COLUMN');
      cursor.ifExists();
      const from = cursor.identifier();
      const to = cursor.identifier();
      const renamed = from?.toLowerCase() !== to?.toLowerCase();
      effect(draft, renamed ? 'renames' : 'retypes', partOf(table, 'column', from));
      return COPY;
    }
    case 'RENAME':
      return rename(draft, cursor, table);
    case 'ALTER':
      return alter(draft, cursor, table);
    case 'CONVERT':
      effect(draft, 'neutral', table);
      return COPY;
    case 'ENGINE':
      effect(draft, 'neutral', table);
      return COPY;
    case 'FORCE':
    case 'ROW_FORMAT':
    case 'KEY_BLOCK_SIZE':
      effect(draft, 'neutral', table);
      return REBUILD;
    case 'ORDER':
    case 'PARTITION':
    case 'REMOVE':
    case 'COALESCE':
    case 'REORGANIZE':
      effect(draft, 'neutral', table);
      return COPY;
    case 'EXCHANGE':
    case 'TRUNCATE':
    case 'DISCARD':
    case 'IMPORT':
      // They move rows and leave the definition as it was: it cannot tell whether they took effect.
      draft.touches = [];
      effect(draft, 'neutral', table);
      return COPY;
    default:
      effect(draft, 'neutral', table);
      return INSTANT;
  }
}

function add(draft: Draft, cursor: Cursor, table: ObjectName): Cost {
  const constraint = cursor.take('CONSTRAINT');
  if (constraint) cursor.ifNotExists();
  const named =
    constraint && !['PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK'].includes(cursor.word())
      ? cursor.identifier()
      : null;
  if (cursor.is('PARTITION')) {
    effect(draft, 'neutral', table);
    return INSTANT;
  }
  if (cursor.is('PERIOD') || cursor.is('SYSTEM')) {
    effect(draft, 'neutral', table);
    return COPY;
  }
  const kind = cursor.takeAny('PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK', ...INDEX_WORDS);
  switch (kind) {
    case null:
      return addColumns(draft, cursor, table);
    case 'PRIMARY':
      effect(draft, 'adds', partOf(table, 'constraint', 'PRIMARY'));
      return REBUILD;
    case 'FOREIGN':
    case 'CHECK':
      effect(draft, 'adds', partOf(table, 'constraint', named ?? ''));
      return COPY;
    default: {
      cursor.takeAny('INDEX', 'KEY');
      cursor.ifNotExists();
      effect(draft, 'adds', partOf(table, 'index', named ?? cursor.identifier() ?? ''));
      return kind === 'FULLTEXT' || kind === 'SPATIAL' || kind === 'VECTOR'
        ? { mode: 'SHARED', work: 'index build' }
        : BUILD;
    }
  }
}

/** `ADD [COLUMN] name definition` or `ADD [COLUMN] (name definition, ...)`. */
function addColumns(draft: Draft, cursor: Cursor, table: ObjectName): Cost {
  cursor.take('COLUMN');
  cursor.ifNotExists();
  if (!cursor.takeText('(')) return addColumn(draft, cursor, table);
  let cost: Cost = INSTANT;
  do {
    cost = dearer(cost, addColumn(draft, cursor, table));
  } while (cursor.takeText(','));
  return cost;
}

function addColumn(draft: Draft, cursor: Cursor, table: ObjectName): Cost {
  const column = partOf(table, 'column', cursor.identifier());
  let notNull = false;
  let filled = false;
  let cost: Cost = INSTANT;
  while (!cursor.atEnd && !cursor.isText(',') && !cursor.isText(')')) {
    if (cursor.take('NOT', 'NULL')) notNull = true;
    else if (cursor.take('PRIMARY', 'KEY')) {
      notNull = true;
      cost = dearer(cost, REBUILD);
    } else if (cursor.take('UNIQUE')) cost = dearer(cost, BUILD);
    else if (cursor.take('CHECK')) cost = dearer(cost, COPY);
    else if (cursor.take('AUTO_INCREMENT')) {
      filled = true;
      cost = dearer(cost, COPY);
    } else if (cursor.take('DEFAULT')) {
      filled = !cursor.is('NULL');
      // An expression is evaluated for each row.
      if (cursor.isText('(')) cost = dearer(cost, COPY);
    } else if (cursor.take('AS')) filled = true;
    else if (cursor.takeAny('STORED', 'PERSISTENT') !== null) cost = dearer(cost, COPY);
    else if (cursor.take('SERIAL')) {
      filled = true;
      cost = dearer(cost, COPY);
    } else if (!cursor.skipParentheses()) cursor.skip();
  }
  effect(draft, 'adds', column, notNull && !filled);
  return cost;
}

function drop(draft: Draft, cursor: Cursor, table: ObjectName): Cost {
  const kind = cursor.takeAny(
    'PRIMARY',
    'FOREIGN',
    'CHECK',
    'CONSTRAINT',
    'INDEX',
    'KEY',
    'PARTITION',
    'COLUMN',
  );
  if (kind === 'PARTITION') {
    effect(draft, 'neutral', table);
    return { mode: 'EXCLUSIVE', work: 'metadata' };
  }
  if (kind === 'PRIMARY') {
    effect(draft, 'relaxes', partOf(table, 'constraint', 'PRIMARY'));
    return COPY;
  }
  if (kind === 'FOREIGN') cursor.take('KEY');
  cursor.ifExists();
  const name = cursor.identifier();
  if (kind === null || kind === 'COLUMN') effect(draft, 'removes', partOf(table, 'column', name));
  else {
    const part = kind === 'INDEX' || kind === 'KEY' ? 'index' : 'constraint';
    effect(draft, 'relaxes', partOf(table, part, name));
  }
  return INSTANT;
}

function rename(draft: Draft, cursor: Cursor, table: ObjectName): Cost {
  if (cursor.take('COLUMN')) {
    effect(draft, 'renames', partOf(table, 'column', cursor.identifier()));
    return INSTANT;
  }
  if (cursor.takeAny('INDEX', 'KEY') !== null) {
    // Nothing asks for an index by its name, but for optimiser hints.
    effect(draft, 'neutral', partOf(table, 'index', cursor.identifier()));
    return INSTANT;
  }
  cursor.takeAny('TO', 'AS');
  touch(draft, cursor.object('table'));
  effect(draft, 'renames', table);
  return { mode: 'EXCLUSIVE', work: 'metadata' };
}

function alter(draft: Draft, cursor: Cursor, table: ObjectName): Cost {
  const kind = cursor.takeAny('INDEX', 'KEY', 'CHECK', 'CONSTRAINT', 'COLUMN');
  if (kind === 'INDEX' || kind === 'KEY') {
    effect(draft, 'neutral', partOf(table, 'index', cursor.identifier()));
    return INSTANT;
  }
  if (kind === 'CHECK' || kind === 'CONSTRAINT') {
    const name = cursor.identifier();
    const off = cursor.is('NOT', 'ENFORCED');
    effect(draft, off ? 'relaxes' : 'adds', partOf(table, 'constraint', name));
    return off ? INSTANT : COPY;
  }
  const column = partOf(table, 'column', cursor.identifier());
  // Old writers leave a column out when it has a default. Whether it is NOT NULL does not stand here.
  effect(draft, cursor.is('DROP', 'DEFAULT') ? 'tightens' : 'relaxes', column);
  return INSTANT;
}
