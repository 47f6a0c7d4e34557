// One sound for n tabs, made by WebAudio: the tab that gets the lock rings, the others hear that it was rung.

import { ifNobodyElse } from "./locks.js";

const HOLD_MS = 1500;
const REMEMBERED = 200;

export class Bell {
  /** @param {{name: string, enabled?: boolean}} options name: tabs with the same one ring once together */
  constructor({ name, enabled = true }) {
    this.lock = `${name}:bell`;
    this.enabled = enabled;
    /** @type {Set<string>} ids that some tab has rung for */
    this.rung = new Set();
    /** @type {AudioContext | null} */
    this.audio = null;
    this.channel = openChannel(this.lock);
    this.channel?.addEventListener("message", ({ data }) => this.remember(String(data)));
    const wake = () => this.wake();
    // Browsers allow sound only after the person has touched the page.
    for (const gesture of ["pointerdown", "keydown"]) {
      globalThis.addEventListener?.(gesture, wake, { once: true, passive: true });
    }
  }

  wake() {
    if (typeof AudioContext === "undefined") return;
    this.audio ??= new AudioContext();
    void this.audio.resume();
  }

  /** @param {string} id */
  remember(id) {
    this.rung.add(id);
    if (this.rung.size > REMEMBERED) this.rung.delete(this.rung.values().next().value ?? "");
  }

  /**
   * @param {string} id what the sound is for; it sounds at most once over all tabs
   * @param {"message" | "waiting"} [tune]
   */
  async ring(id, tune = "message") {
    if (!this.enabled || this.rung.has(id) || this.audio?.state !== "running") return;
    await ifNobodyElse(this.lock, async () => {
      if (this.rung.has(id)) return;
      this.sound(id, tune);
      await new Promise((done) => setTimeout(done, HOLD_MS));
    });
  }

  /**
   * @param {string} id
   * @param {"message" | "waiting"} tune
   */
  sound(id, tune) {
    this.remember(id);
    this.channel?.postMessage(id);
    const audio = /** @type {AudioContext} */ (this.audio);
    const notes = tune === "waiting" ? [659, 880, 1047] : [784, 1047];
    for (const [at, pitch] of notes.entries()) {
      const start = audio.currentTime + at * 0.12;
      const tone = new OscillatorNode(audio, { type: "sine", frequency: pitch });
      const volume = new GainNode(audio, { gain: 0 });
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(0.12, start + 0.015);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.35);
      tone.connect(volume).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 0.4);
    }
  }
}

/** @param {string} name */
function openChannel(name) {
  try {
    return new BroadcastChannel(name);
  } catch {
    return null; // denied to this frame: then each tab rings for itself
  }
}

/** Shows a number in the tab's title and, where there is one, on the app's icon. @param {number} count */
export function badge(count) {
  document.title = document.title.replace(/^\(\d+\+?\) /, "");
  if (count > 0) document.title = `(${count > 99 ? "99+" : count}) ${document.title}`;
  const app = /** @type {any} */ (navigator);
  if (count > 0) void app.setAppBadge?.(count)?.catch?.(() => {});
  else void app.clearAppBadge?.()?.catch?.(() => {});
}
