/**
 * Gives Node 20 the `navigator.userAgent` that Node has from 21 on. pg asks for it to find out whether it runs at Cloudflare, and where there is
 * none it constructs a `Response`, which loads the whole of undici: a fifth of the CPU time of `status` (measured; pg 8.23 `lib/stream.js`).
 * For a process of our own only, never in the library.
 *
 * @see https://nodejs.org/api/globals.html#navigator_1
 */
export function defineNavigator(): void {
  if ('navigator' in globalThis) return;
  const [major] = process.versions.node.split('.');
  Object.defineProperty(globalThis, 'navigator', {
    value: Object.freeze({ userAgent: `Node.js/${major}` }),
    configurable: true,
    enumerable: false,
    writable: true,
  });
}
