/**
 * Ends function processes when the runtime was killed and cannot do it itself. A shell reads the process ids. When its
 * input ends, the runtime is gone; then it kills the processes that are left, and removes the runtime's folder.
 */

// `+ 123`: the process was started; `- 123`: it has ended. Each leads its own group, with the programs it started.
const script = `pids=" "
while read -r change pid; do
  case $change in
    +) pids="$pids$pid " ;;
    -) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
for pid in $pids; do kill -9 "-$pid" 2> /dev/null; done
rm -rf -- "$1"
exit 0`;

const encoder = new TextEncoder();

/** Knows the runtime's function processes, and ends them if the runtime dies. */
export class Guard {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  /** `folder` is removed when the runtime ends. */
  constructor(folder: string) {
    this.#child = new Deno.Command("/bin/sh", {
      args: ["-c", script, "sh", folder],
      clearEnv: true,
      env: { PATH: "/usr/bin:/bin" },
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      // Detached, so that Ctrl-C in a terminal reaches only the runtime.
      detached: true,
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
  }

  add(pid: number): void {
    this.#tell(`+ ${pid}\n`);
  }

  remove(pid: number): void {
    this.#tell(`- ${pid}\n`);
  }

  /** Ends the guard, all processes that are left, and removes the folder. */
  async close(): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#child.status;
  }

  #tell(line: string): void {
    // If somebody killed the guard, the runtime still ends its processes itself.
    this.#input.write(encoder.encode(line)).catch(() => {});
  }
}
