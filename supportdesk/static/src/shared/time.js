// Moments and durations for people, in the page's language and the reader's zone.

import { locale, t } from "./i18n.js";

const DAY_MS = 86_400_000;

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {Intl.DateTimeFormatOptions} options */
function format(options) {
  const key = locale() + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale(), options);
    formats.set(key, found);
  }
  return found;
}

/** "10:02" or "10:02 AM" @param {string | number | Date} at */
export const clockTime = (at) => format({ hour: "numeric", minute: "2-digit" }).format(new Date(at));

/** "Monday 17 November 2026, 10:02", for titles. @param {string | number | Date} at */
export const fullTime = (at) => format({ dateStyle: "full", timeStyle: "short" }).format(new Date(at));

/** A key that is the same for moments of one local day. @param {string | number | Date} at */
export function dayKey(at) {
  const day = new Date(at);
  return `${day.getFullYear()}-${day.getMonth() + 1}-${day.getDate()}`;
}

/**
 * "Today", "Yesterday", "Tomorrow", "Monday" within a week, else the date.
 * @param {string | number | Date} at
 * @param {number} [now]
 */
export function dayLabel(at, now = Date.now()) {
  if (dayKey(at) === dayKey(now)) return t("Today");
  if (dayKey(at) === dayKey(now - DAY_MS)) return t("Yesterday");
  if (dayKey(at) === dayKey(now + DAY_MS)) return t("Tomorrow");
  const day = new Date(at);
  const age = now - day.getTime();
  if (age > 0 && age < 6 * DAY_MS) return format({ weekday: "long" }).format(day);
  const sameYear = day.getFullYear() === new Date(now).getFullYear();
  return format({ day: "numeric", month: "long", year: sameYear ? undefined : "numeric" }).format(day);
}

/**
 * "now", "2m", "3h", "5d", else the date: the short age in lists.
 * @param {string | number | Date} at
 * @param {number} [now]
 */
export function shortAge(at, now = Date.now()) {
  const minutes = Math.floor((now - new Date(at).getTime()) / 60_000);
  if (minutes < 1) return t("now");
  const [amount, unit] =
    minutes < 60
      ? [minutes, "minute"]
      : minutes < 1440
        ? [Math.floor(minutes / 60), "hour"]
        : [Math.floor(minutes / 1440), "day"];
  if (unit === "day" && amount > 6) return format({ day: "numeric", month: "short" }).format(new Date(at));
  return new Intl.NumberFormat(locale(), { style: "unit", unit: String(unit), unitDisplay: "narrow" }).format(
    Number(amount),
  );
}

/** "3:12" or "1:04:09", for timers; negative durations are shown without their sign. @param {number} ms */
export function countdown(ms) {
  const all = Math.floor(Math.abs(ms) / 1000);
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** "less than a minute", "3 minutes", "1 hour". @param {number} seconds */
export function roughly(seconds) {
  if (seconds < 60) return t("less than a minute");
  const [amount, unit] =
    seconds < 3600 ? [Math.round(seconds / 60), "minute"] : [Math.round(seconds / 3600), "hour"];
  return new Intl.NumberFormat(locale(), { style: "unit", unit: String(unit), unitDisplay: "long" }).format(
    Number(amount),
  );
}
