// Locks over all tabs of one origin, where the browser grants them: a frame on another site may be denied them,
// and then each tab looks after itself.

/**
 * Runs one at a time over all tabs.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} run
 * @returns {Promise<T>}
 */
export function oneAtATime(name, run) {
  return locked(name, {}, run, run);
}

/**
 * Runs now if no other tab does, else not at all.
 * @param {string} name
 * @param {() => Promise<void>} run
 * @returns {Promise<void>}
 */
export function ifNobodyElse(name, run) {
  return locked(name, { ifAvailable: true }, async (lock) => (lock ? run() : undefined), run);
}

/**
 * @template T
 * @param {string} name
 * @param {LockOptions} options
 * @param {(lock: Lock | null) => Promise<T>} run
 * @param {() => Promise<T>} alone
 * @returns {Promise<T>}
 */
async function locked(name, options, run, alone) {
  let granted = false;
  try {
    if (!globalThis.navigator?.locks) return await alone();
    return await navigator.locks.request(name, options, (lock) => {
      granted = true;
      return run(lock);
    });
  } catch (error) {
    if (granted || !(error instanceof DOMException)) throw error;
    return alone();
  }
}
