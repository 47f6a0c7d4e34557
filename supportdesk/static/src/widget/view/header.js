// Who answers, how the connection is, and the two buttons.

import { html, nothing } from "lit";
import { t } from "../../shared/i18n.js";
import { icon, initials } from "../../shared/icon.js";
import { owner, waitText, whoAnswers } from "../promises.js";
import { sentenceOf } from "../refusals.js";

/** @typedef {import("../app.js").SdWidget} SdWidget */

/** @param {SdWidget} app */
function face(app) {
  const { room, stream } = app.conversation;
  const kind = owner(app);
  if (kind !== "human")
    return html`<span class="av">${icon(kind === "robot" && !app.shut ? "bot" : "headset")}</span>`;
  const person = stream?.participants.get(room?.owner.id ?? "");
  return html`<span class="av">
    ${initials(room?.owner.name ?? person?.name)}${person?.online === false ? nothing : html`<i class="dot"></i>`}
  </span>`;
}

/** @param {SdWidget} app */
export function header(app) {
  const sound = app.sound ? t("Turn sound off") : t("Turn sound on");
  return html`<header class="head">
    ${face(app)}
    <div class="grow">
      <h1 id="title" tabindex="-1">${app.site.name}</h1>
      <p class="sub">${whoAnswers(app)}</p>
    </div>
    <button class="btn quiet icon" type="button" aria-label=${sound} title=${sound} @click=${() => app.toggleSound()}>
      ${icon(app.sound ? "bell" : "bell-off")}
    </button>
    ${
      app.embedded
        ? html`<button class="btn quiet icon" type="button" aria-label=${t("Close chat")} title=${t("Close chat")}
            @click=${() => app.close()}>${icon("x")}</button>`
        : nothing
    }
  </header>`;
}

/** The connection, when there is something to say about it. @param {SdWidget} app */
export function banner(app) {
  const { state, error, failures } = app.connection;
  if (state === "refused") {
    return html`<div class="banner danger" role="alert">${icon("circle-alert")}<span class="grow">${error && sentenceOf(error)}</span></div>`;
  }
  if (state === "offline") {
    return html`<div class="banner" role="status">
      ${icon("wifi-off")}<span class="grow">${t("You are offline. What you write is kept and sent later.")}</span>
    </div>`;
  }
  if (app.late && (state === "reconnecting" || (state === "connecting" && failures > 0))) {
    return html`<div class="banner" role="status">
      ${icon("refresh-cw", "spin")}<span class="grow">${state === "connecting" ? t("Connecting…") : t("Reconnecting…")}</span>
      <button class="link" type="button" @click=${() => app.connection.retryNow()}>${t("Try now")}</button>
    </div>`;
  }
  return nothing;
}

/** The way to a person: always there while a robot answers, then the place in the queue. @param {SdWidget} app */
export function personBar(app) {
  const { conversation } = app;
  if (conversation.closed || app.shut) return nothing;
  const kind = owner(app);
  if (kind === "queue" && conversation.room) {
    return html`<div class="reach waiting" role="status">${icon("hourglass")}<span>${waitText(app)}</span></div>`;
  }
  if (kind !== "robot") return nothing;
  return html`<div class="reach">
    <button class="btn" type="button" ?disabled=${conversation.askingForPerson} @click=${() => conversation.requestPerson()}>
      ${icon("headset")}${t("Talk to a person")}
    </button>
  </div>`;
}
