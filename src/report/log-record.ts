import { inspect } from 'node:util';
import type { RunEvent } from '../run-events.js';
import { describeEvent } from './describe-event.js';

/** An event as one line of JSON: all that it holds, and how loud it is. */
export function jsonLineOf(event: RunEvent): string {
  return JSON.stringify({ level: describeEvent(event).level, ...event });
}

/**
 * An event for loggers that take objects: its fields for those that write JSON, its line for those that print.
 * (Nest's ConsoleLogger inspects objects in text mode and serialises them in JSON mode.)
 */
export function logRecordOf(event: RunEvent): object {
  return new LogRecord(event, describeEvent(event).text);
}

/** A class, because ConsoleLogger announces plain objects as `Object(n)`. */
class LogRecord {
  readonly message: string;

  constructor(event: RunEvent, text: string) {
    this.message = text;
    Object.assign(this, event);
  }

  toString(): string {
    return this.message;
  }

  [inspect.custom](): string {
    return this.message;
  }
}
