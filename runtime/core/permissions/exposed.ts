import type { FileProblem } from "../declared.ts";

/**
 * Whether everybody on the machine may write a file or folder. Where the system has no such modes (Windows), never; nor
 * where nobody may write but who made the mount, as an orchestrator does a ConfigMap's, whatever the modes there say.
 */
export function isExposed(path: string, { mode }: { readonly mode: number | null }): boolean {
  return mode !== null && (mode & 0o002) !== 0 && !isReadOnly(path, mounts());
}

/** Whether a path lies on a mount that is read-only, by what `/proc/self/mountinfo` says. */
export function isReadOnly(path: string, mountinfo: string): boolean {
  let longest = { length: -1, readOnly: false };
  for (const line of mountinfo.split("\n")) {
    const [, , , , point, options] = line.split(" ");
    if (point === undefined || options === undefined) continue;
    const folder = unescaped(point);
    const isAbove = path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
    // Of mounts over each other the last one counts.
    if (!isAbove || folder.length < longest.length) continue;
    longest = { length: folder.length, readOnly: options.split(",").includes("ro") };
  }
  return longest.readOnly;
}

function mounts(): string {
  try {
    return Deno.readTextFileSync("/proc/self/mountinfo");
  } catch {
    return ""; // Other systems do not say.
  }
}

// A space, say, is written as `\040`.
function unescaped(point: string): string {
  return point.replaceAll(
    /\\([0-7]{3})/g,
    (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** What is wrong with a file or folder that everybody may write; `file` is its path as people are shown it. */
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
