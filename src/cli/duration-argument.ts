import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../report/duration.js';

/** A duration of the command line in milliseconds, for commander. */
export function durationArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) {
    throw new InvalidArgumentError('Give a number with a unit, such as 500ms, 30s, 10m or 1h.');
  }
  return ms;
}
