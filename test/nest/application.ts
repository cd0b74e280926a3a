import { fileURLToPath } from 'node:url';
import { startNode, type Finished, type Running } from '../cli/child.js';

const MAIN = fileURLToPath(new URL('application/main.js', import.meta.url));

/** Starts the application with nothing of this process's environment but PATH; killed when it hangs. */
export function startApplication(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Running {
  return startNode([MAIN, ...args], { cwd: process.cwd(), env });
}

export function runApplication(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Finished> {
  return startApplication(args, env).finished;
}
