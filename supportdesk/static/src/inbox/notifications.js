// Desktop notifications need a person's consent, asked for by a press on the button of the rail's menu.

/** Shows the button where the browser has not been asked yet. */
export function wireNotifications() {
  const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-notifications]"));
  if (!button || typeof Notification === "undefined") return;
  const show = () => {
    button.hidden = Notification.permission !== "default";
  };
  button.addEventListener("click", () => {
    void Notification.requestPermission().then(show);
  });
  show();
}
