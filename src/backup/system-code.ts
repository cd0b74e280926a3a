/** Code of an error of the system, such as `ENOENT`; null = it has none. By shape: errors of Node itself are of another realm in a `vm`. */
export function systemCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
