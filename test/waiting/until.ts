/** Waits until something is true. The bound exists only to fail. */
export async function until(
  what: string,
  isTrue: () => Promise<boolean> | boolean,
  boundMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + boundMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`not within ${boundMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
