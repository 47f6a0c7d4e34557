import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { nameOf, t, tn, useCatalogue } from "./i18n.js";
import { initials } from "./icon.js";
import { countdown, dayLabel, roughly, shortAge } from "./time.js";

const now = new Date(2026, 2, 4, 12).getTime();
const HOUR = 3_600_000;

afterEach(() => useCatalogue({}));

test("English is the key and the fallback", () => {
  assert.equal(t("Hello {name}", { name: "Amina" }), "Hello Amina");
  assert.equal(tn("{count} message", "{count} messages", 1), "1 message");
  assert.equal(tn("{count} message", "{count} messages", 1200), "1,200 messages");
});

test("a catalogue brings its own plural forms", () => {
  const messages = {
    [nameOf("Send")]: "إرسال",
    [nameOf("{count} messages")]: {
      one: "رسالة",
      two: "رسالتان",
      few: "{count} رسائل",
      other: "{count} رسالة",
    },
  };
  useCatalogue({ locale: "ar", dir: "rtl", messages });
  assert.equal(t("Send"), "إرسال");
  assert.equal(tn("{count} message", "{count} messages", 2), "رسالتان");
  assert.match(tn("{count} message", "{count} messages", 5), /رسائل/);
});

test("a text has the name that the server gives it", () => {
  assert.deepEqual(["Send", "{count} messages", "Write a message…"].map(nameOf), ["j5ig", "ymtf", "4067"]);
});

test("a name written the other way does not turn the sentence around it", () => {
  assert.equal(t("{name} is here", { name: "Milo" }), "Milo is here");
  assert.equal(t("{name} is here", { name: "ليلى" }), "\u2068ليلى\u2069 is here");
  useCatalogue({ locale: "ar", dir: "rtl" });
  assert.equal(t("{name} / {count}", { name: "Milo", count: 3 }), "\u2068Milo\u2069 / \u20683\u2069");
});

test("values are not read as templates", () => {
  assert.equal(t("{a} {b}", { a: "{b}", b: "x" }), "{b} x");
});

test("days are named as people name them", () => {
  assert.equal(dayLabel(now - HOUR, now), "Today");
  assert.equal(dayLabel(now - 20 * HOUR, now), "Yesterday");
  assert.equal(dayLabel(now + 20 * HOUR, now), "Tomorrow");
  assert.equal(dayLabel(now - 72 * HOUR, now), "Sunday");
  assert.equal(dayLabel(new Date(2026, 0, 9), now), "January 9");
  assert.equal(dayLabel(new Date(2024, 0, 9), now), "January 9, 2024");
});

test("ages and durations are short", () => {
  assert.equal(shortAge(now - 20_000, now), "now");
  assert.equal(shortAge(now - 5 * 60_000, now), "5m");
  assert.equal(shortAge(now - 3 * HOUR, now), "3h");
  assert.equal(countdown(192_000), "3:12");
  assert.equal(countdown(-3_849_000), "1:04:09");
  assert.equal(roughly(40), "less than a minute");
  assert.equal(roughly(190), "3 minutes");
  assert.equal(roughly(3700), "1 hour");
});

test("initials are those of the first and the last name", () => {
  assert.equal(initials("Milo van der Krüger"), "MK");
  assert.equal(initials("faq"), "FA");
  assert.equal(initials("田中 そら"), "田そ");
  assert.equal(initials(""), "?");
});
