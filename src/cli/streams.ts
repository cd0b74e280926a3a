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
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: Error) => {
      if (errorCodeOf(error) !== 'EPIPE') throw error;
    });
  }
  return {
    writeResult: (text) => void write(text),
    writeLine: (line) => void stderr.write(`${line}\n`),
  };
}
