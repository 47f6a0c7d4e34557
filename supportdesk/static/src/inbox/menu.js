// Menus are <details data-menu>: they work without script; with it they close by themselves.

/** Closes open menus on a click elsewhere, on Escape, and after a choice in one. */
export function wireMenus() {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    for (const menu of openMenus()) {
      if (!menu.contains(target) || target.closest(".menu-item")) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = openMenus().at(-1);
    if (!menu) return;
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
  document.addEventListener("focusout", (event) => {
    const to = /** @type {Node | null} */ (event.relatedTarget);
    for (const menu of openMenus()) if (to && !menu.contains(to)) menu.open = false;
  });
}

/** @returns {HTMLDetailsElement[]} */
function openMenus() {
  return [...document.querySelectorAll("details[data-menu]")].filter(
    /** @returns {menu is HTMLDetailsElement} */ (menu) => menu instanceof HTMLDetailsElement && menu.open,
  );
}
