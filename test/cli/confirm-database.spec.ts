import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { confirmDatabase, type Asking } from '../../src/cli/confirm-database.js';
import { migratorWorld } from '../migrator/migrator-world.js';

/** A terminal at which somebody types this line. */
function terminal(
  typed: string,
  over: Partial<Asking> = {},
): { asking: Asking; said: () => string } {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  let said = '';
  output.on('data', (part: Buffer) => {
    said += part.toString();
    if (said.includes('to go on: ') && !input.writableEnded) input.end(`${typed}\n`);
  });
  return { asking: { input, output, env: {}, ...over }, said: () => said };
}

describe('a flag that sets the fleet aside', () => {
  const { signal } = new AbortController();

  it('is confirmed at a terminal by the name of the database, and by no other', async () => {
    const world = await migratorWorld('postgres18', [{ tag: '0000_init', sql: 'SELECT 1' }]);
    const migrator = world.migrator();
    const right = terminal(world.database.name);
    await confirmDatabase(migrator, '--allow-downtime', right.asking, signal);
    expect(right.said()).toContain(`--allow-downtime on `);
    const wrong = terminal('production');
    await expect(
      confirmDatabase(migrator, '--allow-downtime', wrong.asking, signal),
    ).rejects.toMatchObject({ code: 'USAGE', state: 'Nothing was changed.' });
    const gone = terminal('');
    gone.asking.input.removeAllListeners();
    const asked = confirmDatabase(migrator, '--allow-downtime', gone.asking, signal);
    (gone.asking.input as PassThrough).end();
    await expect(asked).rejects.toMatchObject({ code: 'USAGE' });
    await world.close();
  });

  it.each([
    ['in a pipeline', { env: { CI: 'true' } }],
    ['without a terminal', { input: new PassThrough() }],
  ])('is not asked about %s', async (_where, over) => {
    const { asking, said } = terminal('', over);
    const nobody = { status: () => Promise.reject(new Error('asked')) };
    await confirmDatabase(nobody, '--fleet-confirmed', asking, signal);
    expect(said()).toBe('');
  });
});
