import { resolve } from "node:path";
import { describeError } from "../../core/api/errors.ts";
import { Hints, type WatchFs } from "./hints.ts";
import { diff, readWalked, Snapshot } from "./snapshot.ts";
import { Wake } from "./wake.ts";
import { type Place, walk, walkAgain } from "./walk.ts";

/** What is watched, and how closely. */
export interface WatchOptions {
  /** The folder of function files. */
  readonly folder: string;
  /** Further files, by absolute path, such as deploy.config.ts; called at each look. */
  readonly files?: () => Iterable<string>;
  /** What is known already: only what differs from it is told. Default: nothing is. */
  readonly since?: Snapshot;
  /** Milliseconds to wait for further hints before looking. Default: 30. */
  readonly debounceMs?: number;
  /** Milliseconds for which a file must stay as it is, so that no half-written one is told. Default: 25. */
  readonly settleMs?: number;
  /** Milliseconds after which to look without a hint. Default: 2,000. */
  readonly rescanMs?: number;
  /** Ends the watching. */
  readonly signal: AbortSignal;
  /** Called when it cannot watch as it should, once each time that begins. */
  readonly onTrouble?: (trouble: string) => void;
  /** Where hints come from. Default: `Deno.watchFs`. */
  readonly watchFs?: WatchFs;
}

/** Takes a snapshot, and the paths that are new, changed or gone since the last one. */
export type OnChange = (snapshot: Snapshot, changed: readonly string[]) => void | Promise<void>;

// A folder with more is no functions folder, and would cost too much to look through again and again.
const maxFiles = 20_000;

// A file that is still being written after so many looks counts as it was before; the others do not wait for it.
const maxLooks = 10;

/**
 * Tells every change of the files until `signal` aborts, one at a time: what changes while `onChange` is at work comes
 * with its next call, and a change for which it rejects is told again. Nothing on the disk ends it: a folder that
 * cannot be read keeps its last state until it can be. Resolves when the call under way has ended; never rejects.
 */
export async function watch(options: WatchOptions, onChange: OnChange): Promise<void> {
  const { files = () => [], since = new Snapshot(), signal, onTrouble = () => {} } = options;
  const { debounceMs = 30, settleMs = 25, rescanMs = 2_000 } = options;
  const folder = resolve(options.folder);
  const wake = new Wake({ debounceMs, latestMs: rescanMs, signal });
  const unheard = (error: unknown) => onTrouble(howToHear(folder, rescanMs, error));
  const hints = new Hints(() => wake.hint(), unheard, options.watchFs);
  let known: Snapshot = since;
  let fault: string | undefined;
  let refused: string | undefined;
  const tell = async (snapshot: Snapshot, changed: readonly string[]) => {
    try {
      await onChange(snapshot, changed);
      // A change that was not taken over is told again at the next look.
      [known, refused] = [snapshot, undefined];
    } catch (error) {
      const why = describeError(error);
      if (refused !== why) onTrouble(`A change could not be applied and will be tried again: ${why}`);
      refused = why;
    }
  };
  while (!signal.aborted) {
    try {
      const place = { folder, files: [...files()], maxFiles };
      await hints.aim(place);
      const next = await steady(place, known, () => wake.pause(settleMs));
      const changed = diff(known, next);
      if (signal.aborted) break;
      fault = undefined;
      if (changed.length > 0) await tell(next, changed);
      else known = next;
    } catch (error) {
      hints.close();
      const why = describeError(error);
      if (fault !== why) {
        onTrouble(`${folder} cannot be read, so the running functions stay as they are: ${why}`);
      }
      fault = why;
    }
    await wake.next();
  }
  hints.close();
}

/** The files as they are once they stay as they are: the folder is walked once, and each changed file read once. */
async function steady(place: Place, known: Snapshot, pause: () => Promise<void>): Promise<Snapshot> {
  let walked = await walk(place);
  let moving = movingBetween(known.files, walked.files);
  for (let looks = 1; moving.length > 0 && looks < maxLooks; looks++) {
    await pause();
    const next = await walkAgain(walked, moving);
    moving = movingBetween(walked.files, next.files);
    walked = next;
  }
  return await readWalked(walked, known, new Set(moving));
}

/** The paths whose stamps differ. */
function movingBetween(before: Stamps, after: Stamps): string[] {
  const isSame = (path: string) => {
    const [one, other] = [before.get(path), after.get(path)];
    return one?.stamp === other?.stamp && one?.exposed === other?.exposed;
  };
  return [...new Set([...before.keys(), ...after.keys()])].filter((path) => !isSame(path));
}

type Stamps = ReadonlyMap<string, { readonly stamp: string; readonly exposed: boolean }>;

function howToHear(folder: string, rescanMs: number, error: unknown): string {
  return `The system does not report changes below ${folder} (${describeError(error)}), so Hopper looks ` +
    `every ${rescanMs} ms instead of at once; on Linux raise fs.inotify.max_user_instances and max_user_watches`;
}
