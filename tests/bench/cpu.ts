/**
 * The processor time of processes, from the system's own accounting: `/proc/PID/stat`, which counts what all threads of a
 * process have used, in hundredths of a second. Other systems than Linux have no /proc; there it is not measured.
 */

/** A process, as `/proc/PID/stat` describes it. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly seconds: number;
}

/** Linux shows times in this unit to programs, on every architecture that Deno runs on. */
const TICKS_PER_SECOND = 100;

/** Reads a line of `/proc/PID/stat`; a program's name in it may have spaces and parentheses. */
export function parseStat(line: string): Process {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  // Counted from the state, which is the third field of the line.
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number) as [number, number, number];
  return { pid: Number.parseInt(line), parent, seconds: (user + system) / TICKS_PER_SECOND };
}

/** These processes' descendants, without themselves. */
export function descendants(all: readonly Process[], roots: readonly number[]): Process[] {
  const found: Process[] = [];
  let parents = new Set(roots);
  while (parents.size > 0) {
    const children = all.filter(({ parent }) => parents.has(parent));
    found.push(...children);
    parents = new Set(children.map(({ pid }) => pid));
  }
  return found;
}

/** All processes of this machine; `undefined` where there is no /proc. */
export function processes(): Process[] | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const pids = [...Deno.readDirSync("/proc")].map(({ name }) => name).filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      return [parseStat(Deno.readTextFileSync(`/proc/${pid}/stat`))];
    } catch {
      return []; // It has ended since.
    }
  });
}

/** The processes of a measurement, at one moment. */
export interface Reading {
  /** The contender: a program, or Hopper's runtime. */
  readonly client: readonly Process[];
  /** The contender's children: the processes of Hopper's functions. */
  readonly functions: readonly Process[];
  readonly broker: readonly Process[];
}

/** Microseconds of processor time a message. */
export type CpuPerMessage = Readonly<Record<keyof Reading, number>>;

export function readCpu(client: number, broker: readonly number[]): Reading | undefined {
  const all = processes();
  return all && {
    client: all.filter(({ pid }) => pid === client),
    functions: descendants(all, [client]),
    broker: all.filter(({ pid }) => broker.includes(pid)),
  };
}

/** What was used between two readings. A process that ended meanwhile counts for nothing: its time is not known any more. */
export function microsPerMessage(before: Reading, after: Reading, messages: number): CpuPerMessage {
  const micros = (part: keyof Reading) => {
    const earlier = new Map(before[part].map(({ pid, seconds }) => [pid, seconds]));
    const used = after[part].reduce((sum, { pid, seconds }) => sum + seconds - (earlier.get(pid) ?? 0), 0);
    return used / messages * 1e6;
  };
  return { client: micros("client"), functions: micros("functions"), broker: micros("broker") };
}
