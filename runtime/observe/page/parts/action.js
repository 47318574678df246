// @ts-check
/// <reference lib="dom" />
import { html, useState } from "../lib/preact.js";
import { RuntimeGone } from "../state/api.js";
import { Problem, untrusted } from "./notice.js";
import { Text } from "./text.js";

/**
 * What a person asked for: that it is being done, or how it ended.
 *
 * @returns {{ isBusy: boolean, error: Error | undefined, done: string, run: (act: () => Promise<string | void>) => Promise<void> }}
 */
export function useAction() {
  const [state, setState] = useState({
    isBusy: false,
    error: /** @type {Error | undefined} */ (undefined),
    done: "",
  });
  return {
    ...state,
    async run(act) {
      setState({ isBusy: true, error: undefined, done: "" });
      try {
        const done = await act() ?? "";
        setState({ isBusy: false, error: undefined, done });
      } catch (error) {
        setState({ isBusy: false, error: /** @type {Error} */ (error), done: "" });
      }
    },
  };
}

/** How it ended. @param {{ action: ReturnType<typeof useAction> }} props */
export function Outcome({ action: { error, done } }) {
  if (error instanceof RuntimeGone) {
    return html`
      <div class="notice bad"
        role="alert">The runtime did not answer. Look whether it was done before you try again.</div>
    `;
  }
  if (error) return html`<${Problem} error=${error} />`;
  return html`
    <div class="done" role="status">
      <${Text} value=${done} />
    </div>
  `;
}

/**
 * A button that changes something. It is off, and says why, for those without the token.
 *
 * @param {{ trusted: boolean, onClick: () => void, disabled?: boolean, kind?: string, children?: unknown }} props
 */
export function Change({ trusted, onClick, disabled = false, kind = "", children }) {
  return html`
    <button type="button" class=${kind} disabled=${!trusted || disabled}
      title=${trusted ? undefined : untrusted} onClick=${onClick}>${children}</button>
  `;
}
