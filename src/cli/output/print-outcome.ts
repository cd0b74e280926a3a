import type { MigratorError } from '../../errors.js';
import { errorDocument, resultDocument } from '../../report/document.js';
import { renderErrorBlock } from '../../report/error-block.js';
import type { CliStreams } from '../streams.js';
import type { Style } from './style.js';

/** What a command line came to, before anything is written. */
export interface Printable {
  readonly command: string;
  readonly result?: unknown;
  /** The result for people. */
  readonly text?: (style: Style) => Promise<string>;
  readonly error?: MigratorError;
}

/** Writes a result: to stdout as text or as the one document, and errors as a plain block to stderr. */
export async function printOutcome(
  outcome: Printable,
  json: boolean,
  streams: CliStreams,
  style: Style,
): Promise<void> {
  const { command, error, result } = outcome;
  if (error !== undefined) for (const line of renderErrorBlock(error)) streams.writeLine(line);
  if (json) {
    const document =
      error === undefined ? resultDocument(command, result) : errorDocument(command, error, result);
    streams.writeResult(`${JSON.stringify(document, null, 2)}\n`);
    return;
  }
  const text = await outcome.text?.(style);
  if (text !== undefined && text !== '') streams.writeResult(`${text}\n`);
}
