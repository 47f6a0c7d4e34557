// Starts the chat inside its frame: reads what the page says, wires the parts, listens to the embedding page.

import { Bell } from "../shared/bell.js";
import { Connection } from "../shared/connection.js";
import { dataBlock, locale, t, tn, useCatalogue } from "../shared/i18n.js";
import { localStore } from "../shared/outbox.js";
import { SdWidget } from "./app.js";
import { dress } from "./appearance.js";
import { Conversation } from "./conversation.js";
import { embed } from "./embed.js";
import { Memory } from "./memory.js";
import { sentenceOf } from "./refusals.js";
import { GuestSession } from "./session.js";

/** @typedef {import("./embed.js").PageInfo & {attributes?: Record<string, string>, trail?: string[]}} Page */

const MAX_TRAIL = 20;

const config = dataBlock("config") ?? {};
useCatalogue({ locale: config.locale, dir: config.dir, ...dataBlock("i18n") });
/** @type {import("./app.js").Site} */
const site = config.site;
/** @type {Page} */
let page = {};
let started = false;
/** What the page was told last, so that it hears of changes only. @type {Record<string, string>} */
const told = {};

// Nothing is stored before the chat is first opened: only looking is harmless.
const storage = localStore();
const memory = new Memory(site.key, storage);
const about = () => ({
  locale: config.guest_locale || locale(),
  ...(Object.keys(page).length > 0 && { page }),
});
const session = new GuestSession({ siteKey: site.key, storage, about });
const connection = new Connection({ namespace: "/guest", token: (why) => session.token(why) });
const bell = new Bell({ name: `supportdesk:${site.key}`, enabled: memory.get("sound") !== "off" });
const app = new SdWidget();

const conversation = new Conversation({
  connection,
  session,
  memory,
  storage,
  about,
  onChange: () => {
    app.requestUpdate();
    tellPage();
  },
  onMessage: (message, origin) => {
    if (origin === "first") return;
    const { id, sender, created_at } = message;
    say("message", { id, created_at, from: sender && { kind: sender.kind, name: sender.name } });
    if (!app.watching && !conversation.untouched) void bell.ring(id);
  },
  onError: (error) => {
    app.complain(sentenceOf(error));
    say("error", { code: error.code, message: error.message });
  },
});

const { say, embedded } = embed({
  origins: config.origins,
  onHello: (hello) => {
    page = { ...page, ...hello.page };
    if (hello.theme !== "auto") setTheme(hello.theme);
    say("look", { ...look, position: site.appearance?.position });
    tellPage();
    if (hello.open) shown(true, true);
    else if (session.current) start();
  },
  calls: {
    shown: (open, focus, where) => {
      page = { ...page, ...where };
      shown(open, focus);
    },
    identify: async (identity) => {
      try {
        await session.identify(identity);
        if (started) connection.restart();
      } catch (error) {
        conversation.report(error);
      }
    },
    reset: () => {
      connection.stop();
      session.forget();
      conversation.outbox.clear();
      conversation.leave();
      started = false;
      if (app.shown) start();
    },
    setLocale: (language) => {
      // What was asked for already is not asked for again: the chat may not speak it.
      const asked = new URLSearchParams(location.search).get("locale");
      if (language !== asked && language !== locale())
        location.replace(`${location.pathname}?locale=${encodeURIComponent(language)}`);
    },
    setTheme,
    setAttributes: (attributes) => {
      page = { ...page, attributes };
    },
    track: (event) => {
      page = { ...page, trail: [...(page.trail ?? []), event].slice(-MAX_TRAIL) };
    },
    compose: async (text) => {
      await app.updateComplete;
      app.composer?.write(text);
      app.composer?.focusField();
    },
  },
});

Object.assign(app, { site, conversation, connection, memory, embedded, say, sound: bell.enabled });
app.addEventListener("sound", () => {
  bell.enabled = app.sound;
});
app.addEventListener("seen", tellPage);
connection.onState(tellPage);
session.onNewGuest = () => conversation.moveOn();
const look = dress(document.documentElement, site.appearance?.accent);
setTheme(site.appearance?.theme ?? "auto");
document.getElementById("chat")?.replaceWith(app);
void app.updateComplete.then(() => app.composer?.write(memory.get("draft") ?? ""));
addEventListener("storage", ({ key }) => {
  if (memory.isAbout(key, "room")) conversation.adopt();
});
if (!embedded) shown(true, true);

/** Opens the session and the socket: on the first opening, or at once for a guest who was here before. */
function start() {
  if (started) return;
  started = true;
  connection.start();
}

/** @param {boolean} open @param {boolean} focus */
function shown(open, focus) {
  if (open) {
    start();
    if (site.open_on === "visit" && !conversation.lane) conversation.visit();
  }
  void app.show(open, focus);
}

/** @param {"auto" | "light" | "dark"} theme */
function setTheme(theme) {
  if (theme === "auto") document.documentElement.removeAttribute("data-theme");
  else if (theme === "light" || theme === "dark") document.documentElement.setAttribute("data-theme", theme);
}

/** @param {string} name @param {any} detail */
function tell(name, detail) {
  const text = JSON.stringify(detail);
  if (told[name] === text) return;
  told[name] = text;
  say(name, detail);
}

function tellPage() {
  const count = app.watching ? 0 : conversation.unread;
  const opener = t("Open support chat");
  const waiting = tn("{count} unread message", "{count} unread messages", count);
  tell("unread", { count, label: count > 0 ? `${opener}, ${waiting}` : opener });
  const { room } = conversation;
  const state = connection.state;
  tell("status", { connection: state, room: room?.status ?? null, owner: room?.owner.kind ?? null });
}
