// How far documents are read, kept up to date on the page that lists them.

const EVERY_MS = 1500;

/** Documents that are being read are looked at until they are ready or failed; without script a reload shows the same. */
export function wireReading() {
  for (const place of document.querySelectorAll("[data-reading]"))
    void watch(/** @type {HTMLElement} */ (place));
}

/** @param {HTMLElement} place */
async function watch(place) {
  const chip = place.querySelector(".chip");
  const bar = place.querySelector("progress");
  const words = JSON.parse(place.dataset.words ?? "{}");
  for (;;) {
    await new Promise((done) => setTimeout(done, EVERY_MS));
    const response = await fetch(`/api/v1/documents/${place.dataset.reading}`).catch(() => null);
    if (response?.status === 404) return;
    if (!response?.ok) continue;
    const found = await response.json();
    const state = found.processing_status;
    if (chip) chip.textContent = words[state] ?? state;
    if (bar) bar.value = found.chunks_total ? (100 * found.chunks_done) / found.chunks_total : 0;
    if (state === "completed" || state === "failed") {
      finish(place, chip, state, found.error_message);
      return;
    }
  }
}

/**
 * @param {HTMLElement} place
 * @param {Element | null} chip
 * @param {string} state
 * @param {string | null} problem
 */
function finish(place, chip, state, problem) {
  chip?.classList.remove("accent");
  chip?.classList.add(state === "completed" ? "ok" : "danger");
  place.querySelector("progress")?.remove();
  if (!problem) return;
  const line = document.createElement("p");
  line.className = "form-hint";
  line.textContent = problem;
  place.append(line);
}
