// The one tag on a company's page: a launcher in a closed shadow root and, once opened, the desk's frame.
//
// It must live under `default-src 'none'; script-src DESK; frame-src DESK`: styles are constructed sheets, nothing
// is fetched but the frame. The frame's own storage holds the guest's token; the page's holds at most "was opened".

/** @typedef {(data?: any) => void} Listener */

const PHONE = "(max-width:480px),(max-height:480px)";
const STYLE = `:host{all:initial;position:fixed;z-index:var(--supportdesk-z,2147483000);inset-block-end:calc(20px + env(safe-area-inset-bottom));inset-inline-end:20px;--a:var(--supportdesk-accent,light-dark(#3b4fd8,#93a2ff));--o:var(--supportdesk-on-accent,light-dark(#fff,#0e1117));color-scheme:light}
:host([hidden]){display:none}
:host([at=start]){inset-inline:20px auto}
button{all:unset;position:relative;display:grid;place-items:center;inline-size:56px;block-size:56px;border-radius:50%;background:var(--a);color:var(--o);cursor:pointer;box-shadow:0 1px 3px rgb(20 25 40/.2),0 8px 24px rgb(20 25 40/.24);transition:transform .12s}
button:hover{transform:scale(1.06)}
button:focus-visible{outline:3px solid #fff;box-shadow:0 0 0 6px #191e2a}
svg{grid-area:1/1;inline-size:26px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round;transition:opacity .12s,transform .12s}
[aria-expanded=true] svg:first-child,[aria-expanded=false] svg+svg{opacity:0;transform:rotate(60deg) scale(.5)}
b{position:absolute;inset-block-start:-4px;inset-inline-end:-4px;box-sizing:border-box;min-inline-size:22px;padding:0 6px;border-radius:11px;background:#b8232a;color:#fff;font:700 12px/22px system-ui,sans-serif;text-align:center;box-shadow:0 0 0 2px #fff}
b:empty,[aria-expanded=true] b{display:none}
iframe{position:fixed;inset-block-end:calc(92px + env(safe-area-inset-bottom));inset-inline-end:20px;inline-size:min(400px,100vw - 40px);block-size:min(680px,100dvh - 112px);border:0;border-radius:16px;background:light-dark(#fff,#161a22);color-scheme:inherit;box-shadow:0 0 0 1px light-dark(#0000,#2c3341),0 1px 3px rgb(20 25 40/.12),0 12px 40px rgb(20 25 40/.22);transition:opacity .18s,transform .18s}
:host([at=start]) iframe{inset-inline:20px auto}
iframe[hidden]{display:none}
@starting-style{iframe{opacity:0;transform:translateY(12px)}}
@media ${PHONE}{iframe{inset:0!important;inset-block-start:var(--top,0px)!important;inline-size:100vw;block-size:var(--height,100dvh);border-radius:0}[aria-expanded=true]{visibility:hidden}}
@media(prefers-reduced-motion:reduce){*{transition:none!important}}`;

/**
 * @param {string} paths
 * @returns {SVGElement}
 */
function drawing(paths) {
  const make = (/** @type {string} */ name) => document.createElementNS("http://www.w3.org/2000/svg", name);
  const [svg, path] = [make("svg"), make("path")];
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", paths);
  svg.append(path);
  return /** @type {SVGElement} */ (svg);
}

/** @param {HTMLScriptElement} script */
function start(script) {
  const page = /** @type {any} */ (window);
  const early = page.Supportdesk;
  if (early?.version) return;
  const { key = "", label = "Open support chat", position, accent } = script.dataset;
  let { theme = "auto" } = script.dataset;
  const desk = new URL(script.src).origin;
  const memory = `supportdesk:${key}`;
  /** @type {Record<string, Listener[]>} */
  const listeners = {};
  /** @type {any[][]} calls that wait for the frame */
  const queue = [];
  /** @type {HTMLIFrameElement | undefined} */
  let frame;
  /** @type {MessagePort | undefined} */
  let port;
  let opened = false;

  const host = document.createElement("supportdesk-widget");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  const root = host.attachShadow({ mode: "closed" });
  root.adoptedStyleSheets = [sheet];
  const button = document.createElement("button");
  const badge = document.createElement("b");
  button.type = "button";
  button.ariaLabel = label;
  button.ariaExpanded = "false";
  button.append(
    drawing(
      "M2.992 16.342a2 2 0 0 1 .094 1.167l-1.065 3.29a1 1 0 0 0 1.236 1.168l3.413-.998a2 2 0 0 1 1.099.092 10 10 0 1 0-4.777-4.719",
    ),
    drawing("m6 9 6 6 6-6"),
    badge,
  );
  root.append(button);

  /** @param {string} event @param {any} [data] */
  const emit = (event, data) => {
    for (const listener of listeners[event] ?? []) {
      try {
        listener(data);
      } catch (error) {
        reportError(error);
      }
    }
  };
  /** @param {string} method @param {any[]} args */
  const call = (method, ...args) => {
    if (port) port.postMessage([method, ...args]);
    else queue.push([method, ...args]);
  };
  const scheme = (/** @type {string} */ value) => {
    theme = value;
    host.style.colorScheme = value === "auto" ? "light dark" : value;
  };
  // A page may forbid storage; then the chat is simply not remembered.
  /** @param {(local: Storage, session: Storage) => any} use */
  const store = (use) => {
    try {
      return use(localStorage, sessionStorage);
    } catch {
      return null;
    }
  };
  const here = () => ({ url: location.origin + location.pathname, title: document.title.slice(0, 200) });

  const load = () => {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.hidden = true;
    frame.title = label;
    frame.allow = "clipboard-write";
    const language = script.dataset.locale || document.documentElement.lang || navigator.language;
    frame.src = `${desk}/widget/${encodeURIComponent(key)}?locale=${encodeURIComponent(language)}`;
    root.append(frame);
  };
  /** @param {unknown} want @param {boolean} [focus] */
  const toggle = (want, focus = true) => {
    const next = typeof want === "boolean" ? want : !opened;
    if (next === opened) return;
    opened = next;
    load();
    /** @type {HTMLIFrameElement} */ (frame).hidden = !opened;
    button.ariaExpanded = String(opened);
    store((local, session) => {
      local.setItem(memory, "1");
      session.setItem(memory, opened ? "1" : "");
    });
    if (opened && focus) frame?.focus();
    else if (!opened) button.focus();
    call("shown", opened, focus, here());
    emit(opened ? "open" : "close");
  };

  /** What the frame says. @type {Record<string, Listener>} */
  const said = {
    close: () => toggle(false),
    unread: ({ count, label: text }) => {
      badge.textContent = count > 99 ? "99+" : count || "";
      button.ariaLabel = text;
      emit("unread", count);
    },
    look: (look) => {
      if (look.accent) host.style.setProperty("--supportdesk-accent", look.accent);
      if (look.onAccent) host.style.setProperty("--supportdesk-on-accent", look.onAccent);
      if (look.position && !position) host.setAttribute("at", look.position);
    },
  };
  addEventListener("message", ({ source, origin, data }) => {
    if (!frame || source !== frame.contentWindow || origin !== desk || data !== "supportdesk:hello") return;
    // Again after every load of the frame: a change of language loads it anew.
    port?.close();
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = ({ data: [name, detail] }) => (said[name] ?? ((value) => emit(name, value)))(detail);
    frame.contentWindow?.postMessage({ supportdesk: 1, open: opened, theme, page: here() }, desk, [
      channel.port2,
    ]);
    for (const waiting of queue.splice(0)) port.postMessage(waiting);
    emit("ready");
  });
  button.onclick = () => toggle(!opened);
  host.onkeydown = ({ key: pressed }) => {
    if (pressed === "Escape" && opened) toggle(false);
  };
  const fit = () => {
    host.style.setProperty("--height", `${visualViewport?.height}px`);
    host.style.setProperty("--top", `${visualViewport?.offsetTop}px`);
  };
  visualViewport?.addEventListener("resize", fit);
  visualViewport?.addEventListener("scroll", fit);

  /** @type {Record<string, (...args: any[]) => any>} */
  const api = {
    open: () => toggle(true),
    close: () => toggle(false),
    toggle: () => toggle(!opened),
    show: () => host.removeAttribute("hidden"),
    hide: () => host.setAttribute("hidden", ""),
    identify: (user, hash) => call("identify", user, hash),
    reset: () => {
      store((local, session) => {
        local.removeItem(memory);
        session.removeItem(memory);
      });
      if (frame) call("reset");
      queue.length = 0;
    },
    setLocale: (value) => call("setLocale", value),
    setTheme: (value) => {
      scheme(value);
      call("setTheme", value);
    },
    setAttributes: (values) => call("setAttributes", values),
    track: (event, data) => call("track", event, data),
    compose: (text) => {
      toggle(true);
      call("compose", text);
    },
    on: (event, listener) => {
      listeners[event] = [...(listeners[event] ?? []), listener];
      if (event === "ready" && port) listener();
      return () => {
        listeners[event] = listeners[event].filter((one) => one !== listener);
      };
    },
    // (window.Supportdesk ||= []).push(["open"]) works before and after this script has come.
    push: (/** @type {any[]} */ [method, ...args]) => api[method]?.(...args),
  };
  page.Supportdesk = { version: 1, ...api };

  scheme(theme);
  if (position) host.setAttribute("at", position);
  if (accent) said.look({ accent });
  const add = () => {
    document.body.append(host);
    if (Array.isArray(early)) early.forEach(api.push);
    const [known, wasOpen] =
      store((local, session) => [local.getItem(memory), session.getItem(memory)]) ?? [];
    if (wasOpen && !matchMedia(PHONE).matches) toggle(true, false);
    else if (known) (window.requestIdleCallback ?? setTimeout)(load);
  };
  if (document.body) add();
  else addEventListener("DOMContentLoaded", add);
}

const script = /** @type {HTMLScriptElement | null} */ (
  document.currentScript ?? document.querySelector('script[data-key][src*="/widget.js"]')
);
if (script?.dataset.key) start(script);
