/**
 * Random numbers that are the same for the same seed (mulberry32), in the distributions that a working day needs.
 * @module
 */

/** A sequence of random numbers. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** At least 0 and below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Evenly distributed: at least `min` and below `max`. */
  between(min: number, max: number): number {
    return min + (max - min) * this.next();
  }

  /** The time until an event that happens once per `mean`, on average. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** A whole number, at least 1. */
  geometric(mean: number): number {
    return 1 + Math.floor(Math.log(1 - this.next()) / Math.log(1 - 1 / mean));
  }

  /** Half of the values are below `median`; `spread` is the standard deviation of their logarithms. */
  logNormal(median: number, spread: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return median * Math.exp(spread * normal);
  }
}
