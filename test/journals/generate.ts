import { type JournalLayout, type WrittenJournal, writeJournal } from './write-journal.js';

/** Options of {@link generateJournal}. */
export interface GenerateOptions {
  /** How many migrations. */
  readonly count: number;
  /** @default 'postgresql' */
  readonly dialect?: 'postgresql' | 'mysql';
  /** @default 'journal' */
  readonly layout?: JournalLayout;
}

/**
 * Writes a folder of many small migrations, in the mix that real folders have: of ten, four create a table, three add columns, two add an
 * index, one changes rows. Always the same text for the same number, so that runs can be compared.
 */
export function generateJournal(options: GenerateOptions): Promise<WrittenJournal> {
  const dialect = options.dialect ?? 'postgresql';
  const migrations = Array.from({ length: options.count }, (_, index) => ({
    tag: `${String(index).padStart(4, '0')}_generated_${index}`,
    sql: generateMigration(index, dialect),
  }));
  return writeJournal(migrations, { layout: options.layout ?? 'journal', dialect });
}

const MARKER = '--> statement-breakpoint\n';

/** The text of migration `index`; every block of ten is about tables of its own. */
export function generateMigration(index: number, dialect: 'postgresql' | 'mysql'): string {
  const q = (name: string): string => (dialect === 'mysql' ? `\`${name}\`` : `"${name}"`);
  const block = Math.floor(index / 10);
  const table = (number: number): string => q(`t${block}_${number}`);
  const serial = dialect === 'mysql' ? 'int AUTO_INCREMENT' : 'serial';
  const step = index % 10;
  switch (step) {
    case 0:
    case 2:
    case 4:
    case 6:
      return `CREATE TABLE ${table(step)} (\n\t${q('id')} ${serial} PRIMARY KEY NOT NULL,\n\t${q('name')} varchar(100) NOT NULL,\n\t${q('amount')} integer DEFAULT 0 NOT NULL\n);\n`;
    case 1:
    case 3:
      return `ALTER TABLE ${table(step - 1)} ADD COLUMN ${q('note')} text;${MARKER}ALTER TABLE ${table(step - 1)} ADD COLUMN ${q('code')} varchar(32);\n`;
    case 5:
      return `ALTER TABLE ${table(4)} ADD COLUMN ${q('parent_id')} integer;${MARKER}ALTER TABLE ${table(4)} ADD CONSTRAINT ${q(`t${block}_4_parent_fk`)} FOREIGN KEY (${q('parent_id')}) REFERENCES ${table(0)}(${q('id')});\n`;
    case 7:
      return `CREATE INDEX ${q(`t${block}_6_name_idx`)} ON ${table(6)} (${q('name')});\n`;
    case 8:
      return `CREATE UNIQUE INDEX ${q(`t${block}_0_code_idx`)} ON ${table(0)} (${q('code')});\n`;
    default:
      return `INSERT INTO ${table(0)} (${q('name')}, ${q('amount')}) VALUES ('first; of ${block}', 1), ('second', 2);${MARKER}UPDATE ${table(0)} SET ${q('amount')} = ${q('amount')} + 1;\n`;
  }
}
