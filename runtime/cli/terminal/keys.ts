import process from "node:process";
import { isInForeground, stopCommand } from "./foreground.ts";

/** Keys that are read. */
export interface Keys {
  /** Gives the terminal back as it was. */
  close(): void;
}

/** Whether a person can press keys here, and sees what comes of it. */
export function hasKeys(): boolean {
  return Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
}

// More at once was pasted, and is no command.
const mostAtOnce = 2;

/** How often it is looked whether a program in the background is back in the foreground, in milliseconds. */
const lookMs = 1_000;

// Ctrl-Z reaches this process twice: directly, and through `deno task`. The second is often seen only after the stop.
const sameStopMs = 500;

function setRaw(isRaw: boolean): void {
  try {
    // Unlike raw mode, cbreak leaves the keys that send signals to the terminal.
    Deno.stdin.setRaw(isRaw, isRaw ? { cbreak: true } : undefined);
  } catch {
    // The terminal was closed.
  }
}

/**
 * Calls `onKey` for each key, without waiting for a line's end. Ctrl-C, Ctrl-Z and Ctrl-\ work as ever. The terminal is
 * given back at the end, when the program is stopped, and while it is in the background, where reading would stop it.
 */
export function openKeys(onKey: (key: string) => void): Keys {
  const { stdin } = process;
  const onData = (data: Uint8Array) => {
    const text = new TextDecoder().decode(data);
    if (text.length <= mostAtOnce && !text.startsWith("\x1b")) [...text].forEach(onKey);
  };
  let looking: ReturnType<typeof setInterval> | undefined;
  let isTaken = false;
  const take = () => {
    if (isTaken || !isInForeground()) return;
    isTaken = true;
    clearInterval(looking);
    looking = undefined;
    setRaw(true);
    stdin.on("data", onData);
    stdin.resume();
  };
  const takeSoon = () => {
    take();
    if (!isTaken) looking ??= setInterval(take, lookMs);
  };
  const letGo = () => {
    clearInterval(looking);
    looking = undefined;
    stdin.off("data", onData);
    stdin.pause();
    isTaken = false;
  };
  const giveBack = () => {
    if (isTaken) setRaw(false);
    letGo();
  };
  // It may be in the background now, and the shell may have changed the terminal.
  const onContinue = () => {
    letGo();
    takeSoon();
  };
  let heedStopFrom = 0;
  const onStop = () => {
    if (performance.now() < heedStopFrom) return;
    giveBack();
    stopCommand();
    // It goes on from here when the command is continued.
    heedStopFrom = performance.now() + sameStopMs;
  };
  const onQuit = () => {
    close();
    Deno.kill(Deno.pid, "SIGQUIT");
  };
  const listeners = [["SIGTSTP", onStop], ["SIGCONT", onContinue], ["SIGQUIT", onQuit]] as const;
  const close = () => {
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
    globalThis.removeEventListener("unload", giveBack);
    giveBack();
    stdin.unref();
  };
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  // Whatever calls Deno.exit.
  globalThis.addEventListener("unload", giveBack);
  takeSoon();
  return { close };
}
