import type { LoggerService } from '@nestjs/common';
import { printable } from '../report/printable.js';
import { asMigratorError } from '../report/unexpected.js';

/** Nest's own chatter while it wires modules; and its exception handler, which prints errors raw that we report redacted. */
const SILENT_CONTEXTS = new Set(['ExceptionHandler', 'NestFactory', 'InstanceLoader', 'Injector']);

/**
 * A logger for a job: lines on stderr, so that stdout holds the result alone. Strings pass as they are; of errors only what is safe
 * to print does, and stacks, which repeat the message, are left out.
 */
export class RedactingLogger implements LoggerService {
  constructor(private readonly write: (line: string) => void) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.line('', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.line('warning: ', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.line('error: ', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.line('error: ', message, rest);
  }

  private line(level: string, message: unknown, rest: readonly unknown[]): void {
    const last = rest.at(-1);
    const context = typeof last === 'string' && !last.includes('\n') ? last : undefined;
    if (context !== undefined && SILENT_CONTEXTS.has(context)) return;
    const source = context === undefined ? '' : `[${printable(context)}] `;
    this.write(`${level}${source}${printable(textOf(message))}`);
  }
}

function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  if (message instanceof Error) return describeError(message);
  // JSON.stringify gives undefined for functions and symbols.
  return JSON.stringify(message, safeValue) ?? typeof message;
}

function safeValue(_key: string, value: unknown): unknown {
  if (value instanceof Error) return describeError(value);
  return typeof value === 'bigint' ? value.toString() : value;
}

function describeError(error: Error): string {
  const { code, message } = asMigratorError(error);
  return `${code}: ${message}`;
}
