/** Runs tasks one after the other: neither protocol allows two statements on one connection at a time. */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  run<T>(task: () => Promise<T>): Promise<T> {
    // At once where nothing is under way: the server works while the caller goes on.
    const result = this.#waiting === 0 ? task() : this.#tail.then(task, task);
    this.#waiting += 1;
    this.#tail = result.then(
      () => this.#done(),
      () => this.#done(),
    );
    return result;
  }

  #done(): void {
    this.#waiting -= 1;
  }
}
