// @ts-check
/// <reference lib="dom" />

/** @typedef {"system" | "light" | "dark"} Theme */

const key = "hopper.theme";

/** @type {readonly Theme[]} */
export const themes = ["system", "light", "dark"];

/** @returns {Theme} */
export function chosenTheme() {
  const { theme } = document.documentElement.dataset;
  return theme === "light" || theme === "dark" ? theme : "system";
}

/** @param {Theme} theme */
export function chooseTheme(theme) {
  if (theme === "system") {
    localStorage.removeItem(key);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(key, theme);
    document.documentElement.dataset.theme = theme;
  }
  document.dispatchEvent(new Event("hopper:theme"));
}

/**
 * Calls back when the colours change: by choice here, or because the system's do.
 *
 * @param {() => void} changed
 * @returns {() => void} Stops that.
 */
export function onTheme(changed) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", changed);
  document.addEventListener("hopper:theme", changed);
  return () => {
    system.removeEventListener("change", changed);
    document.removeEventListener("hopper:theme", changed);
  };
}

/** Changes to the theme that is not shown now. */
export function switchTheme() {
  const isDark = getComputedStyle(document.documentElement).colorScheme === "dark" ||
    (chosenTheme() === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  chooseTheme(isDark ? "light" : "dark");
}
