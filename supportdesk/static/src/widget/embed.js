// The line to the page that shows this frame: one MessagePort, given to a known parent only. The page is a
// stranger: every call is checked for its shape and size, and too many are dropped.

import { MAX_CONTENT } from "../shared/protocol.js";

/**
 * @typedef {{url?: string, title?: string}} PageInfo
 * @typedef {object} Calls what the page may ask for
 * @property {(shown: boolean, focus: boolean, page: PageInfo) => void} shown
 * @property {(identity: {user_id: string, hash: string, name?: string, email?: string}) => void} identify
 * @property {() => void} reset
 * @property {(locale: string) => void} setLocale
 * @property {(theme: "auto" | "light" | "dark") => void} setTheme
 * @property {(values: Record<string, string>) => void} setAttributes
 * @property {(event: string) => void} track
 * @property {(text: string) => void} compose
 */

const CALLS_PER_SECOND = 20;
const BURST = 100;
const MAX_ATTRIBUTES = 20;

/**
 * @param {string} origin
 * @param {string[] | undefined} allowed origins, of which "https://*.example.org" admits every name below; undefined
 *   when the site does not restrict them (its frame-ancestors do)
 */
export function admits(origin, allowed) {
  if (!allowed) return origin !== "null";
  return allowed.some((pattern) => {
    if (pattern === "*" || pattern === origin) return true;
    const [scheme, rest] = pattern.split("://*.");
    return rest !== undefined && origin.startsWith(`${scheme}://`) && origin.endsWith(`.${rest}`);
  });
}

/** @param {unknown} value @param {number} max @returns {value is string} */
const text = (value, max) => typeof value === "string" && value.length <= max;

/** @param {unknown} value @returns {PageInfo} */
export function pageInfo(value) {
  const { url, title } = /** @type {any} */ (value ?? {});
  return {
    ...(text(url, 2000) && /^https?:/.test(url) && { url }),
    ...(text(title, 200) && title !== "" && { title }),
  };
}

/**
 * @param {unknown} value
 * @returns {Record<string, string>} at most 20 short texts, numbers and truths
 */
export function attributes(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const plain = Object.entries(value).filter(
    ([name, item]) => name.length <= 64 && ["string", "number", "boolean"].includes(typeof item),
  );
  return Object.fromEntries(
    plain.slice(0, MAX_ATTRIBUTES).map(([name, item]) => [name, String(item).slice(0, 500)]),
  );
}

/**
 * @param {unknown} user
 * @param {unknown} hash
 */
export function identity(user, hash) {
  const { user_id, id, name, email } = /** @type {any} */ (
    typeof user === "object" && user ? user : { id: user }
  );
  const userId = user_id ?? id;
  const known = typeof userId === "number" ? String(userId) : userId;
  if (!text(known, 255) || known === "" || !text(hash, 2000) || hash === "") return null;
  return { user_id: known, hash, ...(text(name, 200) && { name }), ...(text(email, 320) && { email }) };
}

/**
 * Carries one call out when it is well-formed.
 * @param {Calls} calls
 * @param {unknown} data [name, …arguments]
 */
export function dispatch(calls, data) {
  if (!Array.isArray(data)) return;
  const [name, first, second, third] = data;
  if (name === "shown") calls.shown(first === true, second === true, pageInfo(third));
  if (name === "reset") calls.reset();
  if (name === "setLocale" && text(first, 35) && /^[a-z]{2,3}([-_][a-z0-9]+)*$/i.test(first))
    calls.setLocale(first);
  if (name === "setTheme" && ["auto", "light", "dark"].includes(first)) calls.setTheme(first);
  if (name === "setAttributes") calls.setAttributes(attributes(first));
  if (name === "track" && text(first, 100) && first !== "") calls.track(first);
  if (name === "compose" && text(first, MAX_CONTENT)) calls.compose(first);
  if (name === "identify") {
    const who = identity(first, second);
    if (who) calls.identify(who);
  }
}

/** So many calls at once, so many a second; the rest is dropped. @param {() => number} now */
export function limiter(now) {
  let left = BURST;
  let at = now();
  return () => {
    const moment = now();
    left = Math.min(BURST, left + ((moment - at) / 1000) * CALLS_PER_SECOND);
    at = moment;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}

/**
 * @param {object} options
 * @param {string[] | undefined} options.origins that may embed this site's chat
 * @param {Calls} options.calls
 * @param {(hello: {open: boolean, theme: any, page: PageInfo}) => void} options.onHello
 * @returns {{say: (name: string, detail?: any) => void, embedded: boolean}}
 */
export function embed({ origins, calls, onHello }) {
  /** @type {MessagePort | null} */
  let port = null;
  /** @type {[string, any][]} said before the page listens */
  const waiting = [];
  const embedded = window.parent !== window;
  const say = (/** @type {string} */ name, /** @type {any} */ detail) => {
    if (port) port.postMessage([name, detail]);
    else if (embedded && waiting.length < BURST) waiting.push([name, detail]);
  };
  const allowed = limiter(() => performance.now());
  const onMessage = (/** @type {MessageEvent} */ { source, origin, data, ports }) => {
    if (port || source !== window.parent || data?.supportdesk !== 1 || ports.length !== 1) return;
    if (!admits(origin, origins)) return;
    removeEventListener("message", onMessage);
    port = ports[0];
    port.onmessage = (event) => {
      if (allowed()) dispatch(calls, event.data);
    };
    onHello({ open: data.open === true, theme: data.theme, page: pageInfo(data.page) });
    for (const item of waiting.splice(0)) port.postMessage(item);
  };
  if (embedded) {
    addEventListener("message", onMessage);
    window.parent.postMessage("supportdesk:hello", "*");
  }
  return { say, embedded };
}
