/**
 * Injection tokens under which Drizzle modules for Nest provide their client. Inject one in `forRootAsync` and hand it on as
 * `database.client`; none of these packages is imported by us.
 *
 * @example
 * ```ts
 * MigratorModule.forRootAsync({
 *   imports: [DrizzleModule],
 *   inject: [DRIZZLE_DATABASE],
 *   useFactory: (client: unknown) => ({ database: { dialect: 'postgresql', client } }),
 * })
 * ```
 */

/** `@nestjs/drizzle`. */
export const DRIZZLE_DATABASE = 'DrizzleDatabase';

/** `@nest-native/drizzle` (formerly nest-drizzle-native). */
export const DRIZZLE_CLIENT = 'DRIZZLE_CLIENT';

/** The token of a named database of `@nestjs/drizzle`: `'<name>DrizzleDatabase'`. */
export function getDrizzleDatabaseToken(name?: string): string {
  return name === undefined ? DRIZZLE_DATABASE : `${name}${DRIZZLE_DATABASE}`;
}

/** The token of a named client of `@nest-native/drizzle`: `'DRIZZLE_CLIENT:<name>'`. */
export function getDrizzleClientToken(name?: string): string {
  return name === undefined ? DRIZZLE_CLIENT : `${DRIZZLE_CLIENT}:${name}`;
}
