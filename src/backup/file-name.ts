import type { DumpContent } from './backup.js';

/**
 * Name of a dump: `app.0042_drop_nick.20260131T101112.345Z.schema.sql`. What cannot stand in a file's name everywhere becomes `-`.
 *
 * @param at milliseconds since 1970
 */
export function dumpFileName(
  database: string,
  tag: string,
  at: number,
  content: DumpContent,
): string {
  const stamp = new Date(at).toISOString().replaceAll(/[-:]/g, '');
  return `${[database, tag].map(plain).join('.')}.${stamp}.${content}.sql`;
}

/** File systems take names of 255 bytes. */
function plain(name: string): string {
  return name.replaceAll(/[^\w.-]/g, '-').slice(0, 90);
}
