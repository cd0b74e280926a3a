import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The unprivileged user that servers run as when the test run itself is root. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/**
 * `nobody` when this process is root, otherwise undefined: servers then run as we do.
 * Postgres and PgBouncer refuse to run as root, and no other server needs to.
 */
export function serverIdentity(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === 'nobody') return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('Servers do not run as root, and /etc/passwd has no user "nobody" to run them.');
}

/** Whether any user can walk to `path`: a clone or cache below /root (mode 700) is out of reach for {@link serverIdentity}. */
export function reachableByAll(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    const found = statSync(at, { throwIfNoEntry: false });
    if (found?.isDirectory() === true && (found.mode & 0o001) === 0) return false;
    if (dirname(at) === at) return true;
  }
}
