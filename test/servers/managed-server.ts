import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askBroker } from './broker-client.js';
import { giveToServers } from './cache.js';
import { freePort } from './ports.js';
import { type Launch, LaunchError, ServerProcess } from './process.js';

/** How one kind of server is started and brought down. */
export interface Recipe {
  /** Prefix of its directory. */
  readonly name: string;
  /** The launch on a given port, in a given directory of its own. */
  launch(port: number, directory: string): Launch;
  /** Fills the directory before the first start. */
  prepare?(directory: string): Promise<void>;
  /** The signal of an orderly shutdown. */
  readonly shutdownSignal: NodeJS.Signals;
  /** The fastest signal after which nothing is left behind in the system. */
  readonly discardSignal: NodeJS.Signals;
  /** Gives back what a killed server left outside its directory. */
  sweep?(directory: string): void;
}

/** A server that this process started and may do anything to. Ends with this process at the latest. */
export class ManagedServer {
  private constructor(
    private readonly recipe: Recipe,
    private current: ServerProcess,
    /** Port at 127.0.0.1, the same after every restart. */
    readonly port: number,
    /** Its own temporary directory, removed by {@link stop}. */
    readonly directory: string,
  ) {}

  /** Starts a server on a free port in a new directory. */
  static async start(recipe: Recipe): Promise<ManagedServer> {
    const run = await testRun();
    const directory = mkdtempSync(join(run ?? tmpdir(), `${recipe.name}-`));
    try {
      giveToServers(directory);
      await recipe.prepare?.(directory);
      for (let attempt = 1; ; attempt++) {
        const port = await freePort();
        try {
          const running = await ServerProcess.launch(recipe.launch(port, directory));
          return new ManagedServer(recipe, running, port, directory);
        } catch (error) {
          if (!(error instanceof LaunchError && error.portTaken && attempt < 5)) throw error;
        }
      }
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** Process id of the server (Postgres: of the postmaster). Changes with every restart. */
  get pid(): number {
    return this.current.pid;
  }

  get running(): boolean {
    return this.current.running;
  }

  /** The last 16 kB that the server printed. */
  get output(): string {
    return this.current.output;
  }

  /** Sends a signal that ends the server and resolves when it is gone; data and port are kept for {@link restart}. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.current.kill(signal);
  }

  /** Freezes all its processes: connections stay open, nothing answers. Returns when they stand still. */
  pause(): void {
    this.current.pause();
  }

  /** Ends {@link pause}. */
  resume(): void {
    this.current.resume();
  }

  /** Shuts down in order if it runs, then starts on the same data and port. */
  async restart(): Promise<void> {
    await this.current.kill(this.recipe.shutdownSignal);
    this.current = await ServerProcess.launch(this.recipe.launch(this.port, this.directory));
  }

  /** The kernel's state letter of each of its processes; `T` is paused. */
  states(): readonly string[] {
    return this.current.states();
  }

  /** Ends the server, also a paused one, and removes its data. May be called twice. */
  async stop(): Promise<void> {
    if (this.current.running) {
      this.current.resume();
      await this.current.kill(this.recipe.discardSignal);
    }
    this.recipe.sweep?.(this.directory);
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * The directory of the test run that we are part of, if any. Its broker is called into being first: it removes what is left when this
 * process is killed.
 */
async function testRun(): Promise<string | undefined> {
  if (process.env['TEST_SERVERS_BROKER'] !== undefined) await askBroker('present');
  return process.env['TEST_SERVERS_RUN'];
}
