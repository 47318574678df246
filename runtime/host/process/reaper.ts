/**
 * Ends function processes when the runtime was killed and cannot do it itself. A shell reads the numbers of those that
 * are there; when its input ends, so has the runtime, and it kills what is left, and removes the runtime's folder.
 */

// `+ 123` is there, `- 123` is gone. Each leads a group of its own, with the programs it started.
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

/** Knows the runtime's function processes, and outlives the runtime by the moment it takes to end them. */
export class Guard {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  /** `folder` goes with the runtime. */
  constructor(folder: string) {
    this.#child = new Deno.Command("/bin/sh", {
      args: ["-c", script, "sh", folder],
      clearEnv: true,
      env: { PATH: "/usr/bin:/bin" },
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      // A terminal's Ctrl-C is the runtime's alone.
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

  /** Ends the guard, any process it was not told to forget, and the folder. */
  async close(): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#child.status;
  }

  #tell(line: string): void {
    // A guard that somebody killed guards nothing; the runtime still ends its processes itself.
    this.#input.write(encoder.encode(line)).catch(() => {});
  }
}
