/**
 * One costly reading for all who ask at about the same time.
 * @module
 */

/**
 * A function that resolves with what `read` gives, read after it was called. Those who ask while a reading runs share the next one, so
 * that never more than one runs and one waits. Rejects as that reading does.
 */
export function sharedReading<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  const begin = async () => {
    await running;
    next = undefined;
    const reading = read();
    running = reading.catch(() => {});
    return await reading;
  };
  return () => next ??= begin();
}
