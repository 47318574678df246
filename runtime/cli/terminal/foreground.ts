/**
 * Whether this process may use its terminal. In the background, to read from it or to change it would stop the process.
 * Where the system does not say, it may not.
 */
export function isInForeground(): boolean {
  const groups = groupsOfLinux();
  return groups === undefined ? ofPs() : groups.own === groups.foreground;
}

/**
 * Stops this process as Ctrl-Z does, with the others of its command: `deno task` passes the signal on instead of stopping
 * itself, and the shell would wait for it for ever.
 */
export function stopCommand(): void {
  const own = groupsOfLinux()?.own;
  Deno.kill(own === undefined ? Deno.pid : -own, "SIGSTOP");
}

/** The groups of processes that this one and its terminal's foreground are. */
function groupsOfLinux(): { readonly own: number; readonly foreground: number } | undefined {
  try {
    const stat = Deno.readTextFileSync("/proc/self/stat");
    // After the program's name: state, parent, group, session, terminal, the terminal's group.
    const [, , own, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    return { own: own!, foreground: foreground! };
  } catch {
    return undefined;
  }
}

/** `ps` marks what is in the foreground with a plus. */
function ofPs(): boolean {
  try {
    const args = ["-o", "stat=", "-p", `${Deno.pid}`];
    const { success, stdout } = new Deno.Command("ps", { args }).outputSync();
    return success && new TextDecoder().decode(stdout).includes("+");
  } catch {
    return false;
  }
}
