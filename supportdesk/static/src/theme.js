// Runs in the head before the first paint: a theme chosen on this browser wins over the system's.

try {
  const theme = localStorage.getItem("supportdesk:theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // No storage: the system's theme it is.
}
