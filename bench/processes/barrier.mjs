import { once } from 'node:events';

/** Says that everything is loaded, and waits for the word to go. */
export async function barrier() {
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
  process.stdin.destroy();
}

/** One line of JSON; `endedAt` is comparable between processes of one machine. */
export function report(result) {
  process.stdout.write(
    `${JSON.stringify({ ...result, endedAt: performance.timeOrigin + performance.now() })}\n`,
  );
}
