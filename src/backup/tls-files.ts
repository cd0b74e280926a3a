import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';

/** TLS as both drivers take it, in the words that dump programs know. */
export interface TlsForPrograms {
  /** `off`: asked not to. `encrypt`: whoever answers. `verify-ca`: a certificate of the authority. `verify-full`: and in the host's name. */
  readonly mode: 'off' | 'encrypt' | 'verify-ca' | 'verify-full';
  /** Paths of files. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Puts what a driver's `ssl` setting holds into files, because the programs take paths. Without an authority it is Node's own list, as for the drivers.
 *
 * @param folder where the files go; only we may read it, and the caller removes it
 * @param verifiesHost whether the driver checks the host's name where nothing is said of it
 * @returns null where nothing is said of TLS
 */
export async function tlsForPrograms(
  ssl: unknown,
  folder: string,
  verifiesHost: boolean,
): Promise<TlsForPrograms | null> {
  if (ssl === undefined || ssl === null) return null;
  if (ssl === false) return { mode: 'off' };
  // The name of a list of authorities that only the driver has.
  if (typeof ssl === 'string') return { mode: 'encrypt' };
  const given = (typeof ssl === 'object' ? ssl : {}) as Readonly<Record<string, unknown>>;
  const own: { cert?: string; key?: string } = {};
  for (const name of ['cert', 'key'] as const) {
    const pem = pemOf(given[name]);
    if (pem !== null) own[name] = await written(folder, name, pem);
  }
  if (given['rejectUnauthorized'] === false) return { mode: 'encrypt', ...own };
  const ca = await written(folder, 'ca', pemOf(given['ca']) ?? rootCertificates.join('\n'));
  const host = given['verifyIdentity'] ?? verifiesHost;
  const full = host === true && typeof given['checkServerIdentity'] !== 'function';
  return { mode: full ? 'verify-full' : 'verify-ca', ca, ...own };
}

/** libpq refuses keys that others may read. */
async function written(folder: string, name: string, pem: string): Promise<string> {
  const path = join(folder, `${name}.pem`);
  await writeFile(path, pem, { mode: 0o600 });
  return path;
}

function pemOf(value: unknown): string | null {
  if (Array.isArray(value)) {
    const all = value.flatMap((one) => pemOf(one) ?? []);
    return all.length > 0 ? all.join('\n') : null;
  }
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'string' && value !== '' ? value : null;
}
