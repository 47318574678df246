// @ts-check
/// <reference lib="dom" />
// Runs before anything is drawn, so that the page never appears in the other theme first.
(() => {
  const theme = localStorage.getItem("hopper.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
