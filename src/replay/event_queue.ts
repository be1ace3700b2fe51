/**
 * What is still to happen in a simulation, soonest first; of two things at the same time, the one that was planned
 * first. A binary heap, since a day's recording has tens of thousands of them.
 * @module
 */

/** Something that happens at a time of the simulation. */
export interface PlannedEvent {
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly act: () => void;
}

interface Entry extends PlannedEvent {
  /** Counts the additions, so that those of one time keep their order. */
  readonly number: number;
}

/** Times are epoch milliseconds. */
export class EventQueue {
  readonly #heap: Entry[] = [];
  #count = 0;

  add(atMs: number, act: () => void): void {
    const heap = this.#heap;
    heap.push({ atMs, number: this.#count++, act });
    for (let child = heap.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!isSooner(heap[child]!, heap[parent]!)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  /** When the next event is; `undefined` when there is none. */
  get nextMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  /** Takes the next event out; `undefined` when there is none. */
  next(): PlannedEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === last) return first;
    heap[0] = last!;
    for (let parent = 0;;) {
      const sooner = this.#soonerChild(parent);
      if (sooner === undefined || !isSooner(heap[sooner]!, heap[parent]!)) return first;
      this.#swap(parent, sooner);
      parent = sooner;
    }
  }

  #soonerChild(parent: number): number | undefined {
    const [left, right] = [2 * parent + 1, 2 * parent + 2];
    if (left >= this.#heap.length) return undefined;
    return right < this.#heap.length && isSooner(this.#heap[right]!, this.#heap[left]!) ? right : left;
  }

  #swap(one: number, other: number): void {
    [this.#heap[one], this.#heap[other]] = [this.#heap[other]!, this.#heap[one]!];
  }
}

function isSooner(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.number < b.number);
}
