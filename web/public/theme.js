// Sets the theme before the first paint: the one that was chosen here, else that of the system.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("jmem.theme");
  } catch {
    // Storage may be switched off; the system's theme is right then.
  }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
})();
