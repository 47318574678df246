import type { FileProblem } from "../declared.ts";

/**
 * Whether every user of the machine may write a file or folder. Never on a system without such modes (Windows), and never
 * on a read-only mount, such as a ConfigMap that an orchestrator mounts.
 */
export function isExposed(path: string, { mode }: { readonly mode: number | null }): boolean {
  return mode !== null && (mode & 0o002) !== 0 && !isReadOnly(path, mounts());
}

/** Whether a path is on a read-only mount, according to the content of `/proc/self/mountinfo`. */
export function isReadOnly(path: string, mountinfo: string): boolean {
  let longest = { length: -1, readOnly: false };
  for (const line of mountinfo.split("\n")) {
    const [, , , , point, options] = line.split(" ");
    if (point === undefined || options === undefined) continue;
    const folder = unescaped(point);
    const isAbove = path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
    // If several mounts cover each other, the last one counts.
    if (!isAbove || folder.length < longest.length) continue;
    longest = { length: folder.length, readOnly: options.split(",").includes("ro") };
  }
  return longest.readOnly;
}

function mounts(): string {
  try {
    return Deno.readTextFileSync("/proc/self/mountinfo");
  } catch {
    return ""; // other systems have no such file
  }
}

// The file writes a space as `\040`.
function unescaped(point: string): string {
  return point.replaceAll(
    /\\([0-7]{3})/g,
    (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** The report about a file or folder that everybody may write. `file` is the path as shown to people. */
export function exposure(file: string, what: "file" | "folder"): FileProblem {
  return {
    file,
    message: `Every user of this machine may write the ${what}, and so decide what runs`,
    fix: `write: chmod o-w ${shellWord(file)}`,
  };
}

function shellWord(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
