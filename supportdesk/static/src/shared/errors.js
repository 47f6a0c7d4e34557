// Refusals of the desk, as one kind of error.

/** @typedef {{code?: string, message?: string, details?: Record<string, any>, retry_after?: number}} WireError */

/** Codes after which the same request may well succeed later; every other refusal is final. */
const PASSING = new Set([
  "timeout",
  "disconnected",
  "offline",
  "server_busy",
  "rate_limited",
  "unauthenticated",
  "internal",
  "internal_error",
  "unavailable",
  "database_unavailable",
]);

export class DeskError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {Record<string, any>} [details]
   */
  constructor(code, message, details = {}) {
    super(message);
    this.name = "DeskError";
    this.code = code;
    this.details = details;
  }

  /** Whether waiting can help. */
  get passing() {
    return PASSING.has(this.code);
  }

  /** Milliseconds the desk asks to wait, or 0. */
  get retryAfter() {
    return Math.max(0, Number(this.details.retry_after) || 0) * 1000;
  }

  /** @param {WireError | undefined} error what came in {error: …} */
  static from(error) {
    const { code = "internal", message = "The desk could not answer.", details = {}, ...rest } = error ?? {};
    return new DeskError(code, message, { ...rest, ...details });
  }
}
