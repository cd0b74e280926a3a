import { readdirSync, readFileSync } from 'node:fs';

const chunks = new URL('../../dist/chunks/', import.meta.url);

/**
 * Loads what `up` would load when it comes to it, as a static import of stock's migrator has loaded all of that one: what is measured
 * afterwards is the call, on both sides. The measures of whole processes show what loading costs.
 */
export async function loadEverything() {
  for (const name of readdirSync(chunks)) {
    const chunk = new URL(name, chunks);
    // The command line and Nest are not part of the call.
    if (/ from "(@nestjs\/|commander)/.test(readFileSync(chunk, 'utf8'))) continue;
    await import(chunk.href);
  }
}
