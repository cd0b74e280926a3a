import { errorCodeOf } from './system-error.js';

/** The process's output, with stdout kept for the one thing that belongs there. */
export interface CliStreams {
  /** Writes the result to stdout. */
  writeResult(text: string): void;
  /** Writes a line to stderr, above the live line. */
  writeLine(line: string): void;
  /** The last line of the terminal that stderr is, replaced by each call and taken away by null; null off terminals. */
  readonly live: LiveLine | null;
}

/** A line that is written over. */
export interface LiveLine {
  /** Characters that fit into it. */
  columns(): number;
  show(text: string | null): void;
}

/** Back to the first column, and what stands there cleared (ECMA-48 EL). */
const CLEAR = '\r\u001B[K';

/**
 * From here on, whatever else writes to `process.stdout` (a configuration file, dotenv, Nest's logger) lands on stderr, so that `--json` is
 * exactly one document. A reader that went away (`| head`) is no error.
 */
export function reserveStdout(): CliStreams {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  const live = stderr.isTTY && process.env['TERM'] !== 'dumb' ? liveLine(stderr) : null;
  const writeLine = (line: string): void => {
    if (live === null) stderr.write(`${line}\n`);
    else live.above(line);
  };
  stdout.on('error', (error: Error) => {
    if (errorCodeOf(error) !== 'EPIPE') resultIsLost(error, writeLine);
  });
  stderr.on('error', () => {}); // nowhere is left to say it; the exit code still tells how it ended
  return {
    writeResult: (text) => {
      live?.show(null);
      write(text);
    },
    writeLine,
    live,
  };
}

function liveLine(terminal: NodeJS.WriteStream): LiveLine & { above(line: string): void } {
  let shown: string | null = null;
  return {
    columns: () => terminal.columns,
    show(text) {
      if (text === null && shown === null) return;
      shown = text;
      terminal.write(`${CLEAR}${text ?? ''}`);
    },
    above(line) {
      terminal.write(shown === null ? `${line}\n` : `${CLEAR}${line}\n${shown}`);
    },
  };
}

/** A full disk behind stdout. The work itself is done; who reads the result must not take its absence for success. */
function resultIsLost(error: Error, writeLine: (line: string) => void): void {
  if (process.exitCode === undefined || process.exitCode === 0) process.exitCode = 64;
  writeLine(
    `The result could not be written to stdout (${errorCodeOf(error) ?? 'unknown error'}). The command itself has ended; nest-migrate status shows where the database stands.`,
  );
}
