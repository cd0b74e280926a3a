/** What made a dump program fail, as far as its words tell. A word of ours stands for them: theirs may hold values. */
export type FailureClass =
  | 'not-permitted'
  | 'credentials'
  | 'unreachable'
  | 'tls'
  | 'locked'
  | 'version'
  | 'disk-full'
  | 'usage'
  | 'not-executable'
  | 'not-started'
  /** It ended with 0, and its output has no end. */
  | 'cut-off'
  | 'unknown';

/** First that matches; what `pg_dump` 15 to 18, `mysqldump` 9.7 and `mariadb-dump` 10.11 write in English. */
const WORDS: readonly (readonly [FailureClass, RegExp])[] = [
  ['version', /server version mismatch/i],
  ['tls', /\bSSL\b|\bTLS\b|certificate/i],
  ['credentials', /password authentication failed|no password supplied|\b1045\b|28P01/i],
  ['locked', /lock timeout|lock wait timeout|\b1205\b|\b55P03\b/i],
  ['not-permitted', /permission denied|access denied|insufficient privileges|row-level security/i],
  [
    'unreachable',
    /could not connect|can't connect|connection to server|connection refused|gone away|lost connection/i,
  ],
  ['disk-full', /no space left/i],
  ['usage', /unrecognized option|unknown option|unknown variable|illegal option/i],
];

/** @param said what it wrote to stderr */
export function failureClass(said: string): FailureClass {
  return WORDS.find(([, words]) => words.test(said))?.[0] ?? 'unknown';
}
