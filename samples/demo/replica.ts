import { freePort } from '../../test/servers/ports.js';
import { SampleProcess } from './child.js';

/** What a health endpoint answered. */
export interface Health {
  readonly httpStatus: number;
  /** Reason codes of the migrations indicator. */
  readonly reasons: readonly string[];
}

interface HealthBody {
  readonly details?: {
    readonly migrations?: { readonly reasons?: readonly { readonly code: string }[] };
  };
}

/** A serving replica of the sample. */
export class Replica {
  private constructor(
    readonly process: SampleProcess,
    readonly url: string,
  ) {}

  /** Starts a replica and waits until it answers on its liveness endpoint. */
  static async start(name: string, databaseUrl: string, signal: AbortSignal): Promise<Replica> {
    const port = await freePort();
    const process = await SampleProcess.start(name, [], {
      PORT: String(port),
      DATABASE_URL: databaseUrl,
    });
    const replica = new Replica(process, `http://127.0.0.1:${port}`);
    await replica.until(async () => (await fetch(`${replica.url}/health/live`)).ok, signal);
    return replica;
  }

  /** One readiness probe. */
  async ready(): Promise<Health> {
    const response = await fetch(`${this.url}/health/ready`);
    const body = (await response.json()) as HealthBody;
    const reasons = body.details?.migrations?.reasons ?? [];
    return { httpStatus: response.status, reasons: reasons.map(({ code }) => code) };
  }

  /** Asks again until it is true, as a kubelet would; its own time-out is the caller's signal. */
  async until(isTrue: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    while (!(await isTrue().catch(() => false))) {
      signal.throwIfAborted();
      if (!this.process.running) {
        throw new Error(`${this.process.name} ended:\n${this.process.lastLines}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
