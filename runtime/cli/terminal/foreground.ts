/**
 * Whether this process may use its terminal. In the background, to read from it or to change it would stop the process.
 * Where the system does not say, it may not.
 */
export function isInForeground(): boolean {
  return ofLinux() ?? ofPs() ?? false;
}

/** The fields after the program's name are state, parent, group, session, terminal and the terminal's group. */
function ofLinux(): boolean | undefined {
  try {
    const stat = Deno.readTextFileSync("/proc/self/stat");
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return group === foreground;
  } catch {
    return undefined;
  }
}

/** `ps` marks what is in the foreground with a plus. */
function ofPs(): boolean | undefined {
  try {
    const { success, stdout } = new Deno.Command("ps", { args: ["-o", "stat=", "-p", `${Deno.pid}`] })
      .outputSync();
    return success ? new TextDecoder().decode(stdout).includes("+") : undefined;
  } catch {
    return undefined;
  }
}
