// Time as an argument: the pure modules take a Clock, tests pass their own.

/**
 * @typedef {object} Clock
 * @property {() => number} now milliseconds since the epoch
 * @property {(run: () => void, ms: number) => any} setTimeout
 * @property {(handle: any) => void} clearTimeout
 */

/** @type {Clock} */
export const systemClock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle),
};

/**
 * The wait before try number `attempt` (1, 2, …): 1, 2, 4 … 30 s, of which up to a third is random.
 * @param {number} attempt
 * @param {() => number} [random]
 */
export function backoff(attempt, random = Math.random) {
  const full = Math.min(30_000, 1000 * 2 ** (attempt - 1));
  return full * (1 - random() / 3);
}
