import { RedactingLogger } from '../../src/nest/redacting-logger.js';

const CANARY = 'canary-7f3a';

function written(log: (logger: RedactingLogger) => void): string {
  const lines: string[] = [];
  log(new RedactingLogger((line) => lines.push(line)));
  return lines.join('\n');
}

it.each<readonly [string, (logger: RedactingLogger) => void]>([
  [
    "Nest's exception handler",
    (logger) => logger.error(new Error(CANARY), undefined, 'ExceptionHandler'),
  ],
  ['an error', (logger) => logger.error(new Error(CANARY), 'App')],
  ['an error in an object', (logger) => logger.warn({ error: new Error(CANARY) }, 'App')],
  [
    'a stack beside a message',
    (logger) => logger.error('failed', `Error: ${CANARY}\n  at x`, 'App'),
  ],
])('%s: its message stays inside', (_name, log) => {
  expect(written(log)).not.toContain(CANARY);
});

it("the application's own lines pass, with level and context, on one line each", () => {
  expect(
    written((logger) => {
      logger.log('seeding', 'Seeds');
      logger.warn('slow\nquery', 'Seeds');
      logger.error('no', undefined, 'Seeds');
      logger.log({ rows: 3 });
    }),
  ).toBe(
    [
      '[Seeds] seeding',
      String.raw`warning: [Seeds] slow\u{000a}query`,
      'error: [Seeds] no',
      '{"rows":3}',
    ].join('\n'),
  );
});

it("Nest's wiring chatter is left out", () => {
  expect(
    written((logger) => logger.log('AppModule dependencies initialized', 'InstanceLoader')),
  ).toBe('');
});
