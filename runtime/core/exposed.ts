import type { FileProblem } from "./declared.ts";

/** Whether everybody on the machine may write a file or folder. Where the system has no such modes (Windows), never. */
export function isExposed({ mode }: { readonly mode: number | null }): boolean {
  return mode !== null && (mode & 0o002) !== 0;
}

/** What is wrong with a file or folder that everybody may write; `file` is its path as people are shown it. */
export function exposure(file: string, what: "file" | "folder"): FileProblem {
  return {
    file,
    message: `Everybody on this machine may write the ${what}, and so decide what runs`,
    fix: `write: chmod o-w ${shellWord(file)}`,
  };
}

function shellWord(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
