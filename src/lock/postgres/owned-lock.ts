/**
 * Condition on `pg_locks l`: the granted advisory lock with this int8 key in the current database.
 * `objsubid` 1 is the key space of int8 keys, 2 that of (int4, int4); the shift restores the sign (measured for negative keys).
 * @param key placeholder of the key as text
 */
export function lockOwnedWith(key: string): string {
  return `l.locktype = 'advisory' and l.granted and l.objsubid = 1
            and l.database = (select oid from pg_database where datname = current_database())
            and ((l.classid::bigint << 32) | l.objid::bigint) = ${key}::bigint`;
}
