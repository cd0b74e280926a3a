import { expect, test } from '@jest/globals';
import { onlineForm, type OnlineUnit } from '../../src/statements/online/online-form.js';

function written(units: readonly OnlineUnit[] | null): readonly string[] | null {
  return (
    units?.map(({ mode, statements }) =>
      mode === 'autocommit' ? statements.join() : `[${statements.join('; ')}]`,
    ) ?? null
  );
}

const POSTGRES: readonly (readonly [sql: string, form: readonly string[] | null])[] = [
  [
    '-- why\ncreate index "i" on app.t using btree ("a") where a > 0 -- so',
    ['create index CONCURRENTLY "i" on app.t using btree ("a") where a > 0'],
  ],
  ['CREATE UNIQUE INDEX i ON t (a)', ['CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)']],
  ['CREATE INDEX CONCURRENTLY i ON t (a)', null],
  ['CREATE INDEX i ON ONLY t (a)', null],
  ['DROP INDEX IF EXISTS "app"."i"', ['DROP INDEX CONCURRENTLY IF EXISTS "app"."i"']],
  ['DROP INDEX i, j', null],
  ['DROP INDEX i CASCADE', null],
  ['DROP INDEX CONCURRENTLY i', null],
  ['REINDEX TABLE t', ['REINDEX TABLE CONCURRENTLY t']],
  ['REINDEX DATABASE d', null],
  [
    'ALTER TABLE "app"."t" ALTER COLUMN "fullName" SET NOT NULL',
    [
      '[ALTER TABLE "app"."t" ADD CONSTRAINT "mg_1f760a54_nn" CHECK ("fullName" IS NOT NULL) NOT VALID]',
      '[ALTER TABLE "app"."t" VALIDATE CONSTRAINT "mg_1f760a54_nn"]',
      '[ALTER TABLE "app"."t" ALTER COLUMN "fullName" SET NOT NULL; ALTER TABLE "app"."t" DROP CONSTRAINT "mg_1f760a54_nn"]',
    ],
  ],
  [
    'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) /* yes */',
    [
      '[ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID]',
      '[ALTER TABLE t VALIDATE CONSTRAINT "c"]',
    ],
  ],
  [
    'ALTER TABLE t ADD CONSTRAINT "t_u_fk" FOREIGN KEY (a) REFERENCES public.u(id) ON DELETE no action ON UPDATE no action',
    [
      '[ALTER TABLE t ADD CONSTRAINT "t_u_fk" FOREIGN KEY (a) REFERENCES public.u(id) ON DELETE no action ON UPDATE no action NOT VALID]',
      '[ALTER TABLE t VALIDATE CONSTRAINT "t_u_fk"]',
    ],
  ],
  ['ALTER TABLE t ADD CHECK (a > 0)', null],
  ['ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID', null],
  [
    'ALTER TABLE ONLY app.t ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT ("a", b) INCLUDE (c) WITH (fillfactor = 70) DEFERRABLE',
    [
      'CREATE UNIQUE INDEX CONCURRENTLY "u" ON "app"."t" ("a", b) INCLUDE (c) NULLS NOT DISTINCT WITH (fillfactor = 70)',
      '[ALTER TABLE ONLY app.t ADD CONSTRAINT "u" UNIQUE USING INDEX "u" DEFERRABLE]',
    ],
  ],
  ['ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i', null],
  ['ALTER TABLE t ADD CONSTRAINT u UNIQUE (a) USING INDEX TABLESPACE fast', null],
  ['ALTER TABLE t ADD CONSTRAINT u UNIQUE (a, b WITHOUT OVERLAPS)', null],
  [
    'ALTER TABLE t ADD PRIMARY KEY (id)',
    [
      '[ALTER TABLE t ADD CONSTRAINT "mg_9d11fdf5_nn" CHECK ("id" IS NOT NULL) NOT VALID]',
      '[ALTER TABLE t VALIDATE CONSTRAINT "mg_9d11fdf5_nn"]',
      'CREATE UNIQUE INDEX CONCURRENTLY "t_pkey" ON "t" (id)',
      '[ALTER TABLE t ADD CONSTRAINT "t_pkey" PRIMARY KEY USING INDEX "t_pkey"; ALTER TABLE t DROP CONSTRAINT "mg_9d11fdf5_nn"]',
    ],
  ],
  ['ALTER TABLE t ADD COLUMN a int, ALTER COLUMN b SET NOT NULL', null],
  ['ALTER TABLE p DETACH PARTITION q', null],
  ['CREATE TABLE t (id int)', null],
  ['', null],
];

const MYSQL: readonly (readonly [sql: string, form: string | null])[] = [
  ['ALTER TABLE `t` ADD `a` int', 'ALTER TABLE `t` ADD `a` int, ALGORITHM=INSTANT'],
  ['ALTER TABLE t ADD a int AFTER b -- x', 'ALTER TABLE t ADD a int AFTER b, ALGORITHM=INSTANT'],
  ['ALTER TABLE t ADD a int AUTO_INCREMENT UNIQUE', null],
  ['ALTER TABLE t ADD a varchar(36) DEFAULT (uuid())', null],
  ['ALTER TABLE t ADD a int CHECK (a > 0)', null],
  ['ALTER TABLE t DROP COLUMN a', 'ALTER TABLE t DROP COLUMN a, ALGORITHM=INSTANT'],
  ['ALTER TABLE t RENAME COLUMN a TO b', 'ALTER TABLE t RENAME COLUMN a TO b, ALGORITHM=INSTANT'],
  ['ALTER TABLE t RENAME TO u', null],
  [
    'ALTER TABLE t MODIFY COLUMN a int NOT NULL',
    'ALTER TABLE t MODIFY COLUMN a int NOT NULL, ALGORITHM=INPLACE, LOCK=NONE',
  ],
  [
    'ALTER TABLE t ADD CONSTRAINT `t_a_unique` UNIQUE(`a`)',
    'ALTER TABLE t ADD CONSTRAINT `t_a_unique` UNIQUE(`a`), ALGORITHM=INPLACE, LOCK=NONE',
  ],
  ['ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (id)', null],
  ['ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)', null],
  ['ALTER TABLE t ADD FULLTEXT INDEX i (a)', null],
  ['ALTER TABLE t ADD a int, ALGORITHM=COPY', null],
  [
    'ALTER TABLE t ADD a int, ADD INDEX i (b)',
    'ALTER TABLE t ADD a int, ADD INDEX i (b), ALGORITHM=INPLACE, LOCK=NONE',
  ],
  ['CREATE INDEX `i` ON `t` (`a`)', 'CREATE INDEX `i` ON `t` (`a`) ALGORITHM=INPLACE LOCK=NONE'],
  ['CREATE FULLTEXT INDEX i ON t (a)', null],
  ['CREATE INDEX i ON t (a) LOCK=SHARED', null],
  ['DROP INDEX i ON t', 'ALTER TABLE t DROP INDEX i, ALGORITHM=INPLACE, LOCK=NONE'],
  ['/*!80000 ALTER TABLE t ADD a int */', null],
  ['CREATE TABLE t (id int)', null],
];

test.each(POSTGRES)('Postgres: %s', (sql, form) => {
  expect(written(onlineForm({ sql }, 'postgresql'))).toEqual(form);
});

test.each(MYSQL)('MySQL: %s', (sql, form) => {
  expect(written(onlineForm({ sql }, 'mysql'))).toEqual(form === null ? null : [form]);
});
