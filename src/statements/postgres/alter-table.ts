import type { Cursor } from '../cursor.js';
import { effect, lock, partOf, type Draft } from '../draft.js';
import type { LockTaken, ObjectName } from '../statement.js';
import { addColumn } from './add-column.js';
import { addConstraint } from './add-constraint.js';

/** Words that open a table constraint, where a column's name could stand. */
const CONSTRAINT_WORDS = ['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN', 'EXCLUDE', 'NOT'];

/**
 * One action of ALTER TABLE. Lock modes: PostgreSQL manual, ALTER TABLE ("an ACCESS EXCLUSIVE lock is acquired unless
 * explicitly noted"), and src/backend/commands/tablecmds.c, AlterTableGetLockLevel. The cursor ends somewhere inside the action.
 */
export function alterTableAction(draft: Draft, cursor: Cursor, table: ObjectName): void {
  const exclusive = (work: LockTaken['work']): void => lock(draft, table, 'ACCESS EXCLUSIVE', work);
  const verb = cursor.word();
  cursor.skip();
  switch (verb) {
    case 'RENAME':
      rename(draft, cursor, table);
      exclusive('metadata');
      return;
    case 'ADD':
      if (CONSTRAINT_WORDS.includes(cursor.word())) addConstraint(draft, cursor, table);
      else addColumn(draft, cursor, table);
      return;
    case 'DROP':
      drop(draft, cursor, table);
      exclusive('metadata');
      return;
    case 'ALTER':
      if (cursor.take('CONSTRAINT')) {
        effect(draft, 'neutral', partOf(table, 'constraint', cursor.identifier()));
        exclusive('metadata');
        return;
      }
      cursor.take('COLUMN');
      alterColumn(draft, cursor, table);
      return;
    case 'VALIDATE':
      cursor.take('CONSTRAINT');
      effect(draft, 'neutral', partOf(table, 'constraint', cursor.identifier()));
      lock(draft, table, 'SHARE UPDATE EXCLUSIVE', 'scan');
      return;
    case 'ENABLE':
    case 'DISABLE':
      effect(draft, 'neutral', table);
      lock(
        draft,
        table,
        cursor.is('ROW') || cursor.has(Infinity, 'RULE')
          ? 'ACCESS EXCLUSIVE'
          : 'SHARE ROW EXCLUSIVE',
        'metadata',
      );
      return;
    case 'ATTACH': {
      cursor.take('PARTITION');
      effect(draft, 'neutral', table);
      lock(draft, table, 'SHARE UPDATE EXCLUSIVE', 'metadata');
      lock(draft, cursor.object('table'), 'ACCESS EXCLUSIVE', 'scan');
      return;
    }
    case 'DETACH':
      detach(draft, cursor, table);
      return;
    case 'CLUSTER':
      effect(draft, 'neutral', table);
      lock(draft, table, 'SHARE UPDATE EXCLUSIVE', 'metadata');
      return;
    case 'SET':
    case 'RESET':
      setTable(draft, cursor, table);
      return;
    default:
      effect(draft, 'neutral', table);
      exclusive('metadata');
  }
}

function rename(draft: Draft, cursor: Cursor, table: ObjectName): void {
  if (cursor.take('TO')) {
    effect(draft, 'renames', table);
    const to = cursor.identifier();
    if (to !== null) {
      const renamed: ObjectName = { ...table, name: to };
      draft.touches.push(renamed);
    }
  } else if (cursor.take('CONSTRAINT')) {
    // Nothing asks for a constraint by its name.
    effect(draft, 'neutral', partOf(table, 'constraint', cursor.identifier()));
  } else {
    cursor.take('COLUMN');
    effect(draft, 'renames', partOf(table, 'column', cursor.identifier()));
  }
}

function drop(draft: Draft, cursor: Cursor, table: ObjectName): void {
  if (cursor.take('CONSTRAINT')) {
    cursor.ifExists();
    effect(draft, 'relaxes', partOf(table, 'constraint', cursor.identifier()));
    return;
  }
  cursor.take('COLUMN');
  cursor.ifExists();
  effect(draft, 'removes', partOf(table, 'column', cursor.identifier()));
}

function alterColumn(draft: Draft, cursor: Cursor, table: ObjectName): void {
  const column = partOf(table, 'column', cursor.identifier());
  const exclusive = (work: LockTaken['work']): void => lock(draft, table, 'ACCESS EXCLUSIVE', work);
  if (cursor.is('SET', 'DATA', 'TYPE') || cursor.is('TYPE')) {
    effect(draft, 'retypes', column);
    exclusive('rewrite');
  } else if (cursor.is('SET', 'NOT', 'NULL')) {
    effect(draft, 'tightens', column);
    exclusive('scan');
  } else if (
    cursor.is('DROP', 'NOT', 'NULL') ||
    cursor.is('SET', 'DEFAULT') ||
    cursor.is('ADD', 'GENERATED')
  ) {
    effect(draft, 'relaxes', column);
    exclusive('metadata');
  } else if (cursor.is('DROP', 'DEFAULT') || cursor.is('DROP', 'IDENTITY')) {
    // Old writers leave a column out when it has a default. Whether it is NOT NULL does not stand here.
    effect(draft, 'tightens', column);
    exclusive('metadata');
  } else if (cursor.is('SET', 'EXPRESSION')) {
    effect(draft, 'retypes', column);
    exclusive('rewrite');
  } else if (cursor.is('SET', 'STATISTICS') || cursor.is('RESET') || cursor.peek(1)?.text === '(') {
    effect(draft, 'neutral', column);
    lock(draft, table, 'SHARE UPDATE EXCLUSIVE', 'metadata');
  } else {
    effect(draft, 'neutral', column);
    exclusive('metadata');
  }
}

function detach(draft: Draft, cursor: Cursor, table: ObjectName): void {
  cursor.take('PARTITION');
  const partition = cursor.object('table');
  effect(draft, 'neutral', table);
  if (cursor.is('CONCURRENTLY') || cursor.is('FINALIZE')) {
    lock(draft, table, 'SHARE UPDATE EXCLUSIVE', 'metadata');
    lock(draft, partition, 'SHARE UPDATE EXCLUSIVE', 'metadata');
    if (cursor.is('CONCURRENTLY')) {
      draft.transactional = false;
      draft.concurrent = { verb: 'detach partition', index: null, table };
    }
    return;
  }
  lock(draft, table, 'ACCESS EXCLUSIVE', 'metadata');
  lock(draft, partition, 'ACCESS EXCLUSIVE', 'metadata');
  draft.onlineForm = 'ALTER TABLE DETACH PARTITION CONCURRENTLY';
}

function setTable(draft: Draft, cursor: Cursor, table: ObjectName): void {
  const exclusive = (work: LockTaken['work']): void => lock(draft, table, 'ACCESS EXCLUSIVE', work);
  if (cursor.is('SCHEMA')) {
    effect(draft, 'renames', table);
    exclusive('metadata');
  } else if (
    cursor.is('LOGGED') ||
    cursor.is('UNLOGGED') ||
    cursor.is('TABLESPACE') ||
    cursor.is('ACCESS')
  ) {
    effect(draft, 'neutral', table);
    exclusive('rewrite');
  } else {
    effect(draft, 'neutral', table);
    lock(draft, table, 'SHARE UPDATE EXCLUSIVE', 'metadata');
  }
}
