import { errorCodeOf } from './system-error.js';

/** The process's output, with stdout kept for the one thing that belongs there. */
export interface CliStreams {
  /** Writes the result to stdout. */
  writeResult(text: string): void;
  /** Writes a line to stderr. */
  writeLine(line: string): void;
}

/**
 * From here on, whatever else writes to `process.stdout` (a configuration file, dotenv, Nest's logger) lands on stderr, so that `--json` is
 * exactly one document. A reader that went away (`| head`) is no error.
 */
export function reserveStdout(): CliStreams {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  const writeLine = (line: string): void => void stderr.write(`${line}\n`);
  stdout.on('error', (error: Error) => {
    if (errorCodeOf(error) !== 'EPIPE') resultIsLost(error, writeLine);
  });
  stderr.on('error', () => {}); // nowhere is left to say it; the exit code still tells how it ended
  return { writeResult: (text) => void write(text), writeLine };
}

/** A full disk behind stdout. The work itself is done; who reads the result must not take its absence for success. */
function resultIsLost(error: Error, writeLine: (line: string) => void): void {
  if (process.exitCode === undefined || process.exitCode === 0) process.exitCode = 64;
  writeLine(
    `The result could not be written to stdout (${errorCodeOf(error) ?? 'unknown error'}). The command itself has ended; nest-migrate status shows where the database stands.`,
  );
}
