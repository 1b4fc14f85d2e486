// Before the first paint: the theme that was chosen here, so that no page flashes in the other one.
(() => {
  try {
    const choice = localStorage.getItem("pulse-theme");
    if (choice === "light" || choice === "dark") {
      document.documentElement.dataset.theme = choice;
    }
  } catch {
    // Storage may be forbidden; the system's theme is then as good as any.
  }
})();
