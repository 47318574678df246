import type { Files } from "./files.ts";

/** What a project can begin with. */
export interface Template {
  /** What it has, in a few words. */
  readonly has: string;
  /** A command that shows one of its functions at work, without what stands before it. */
  readonly attempt: string;
  content(): Promise<Content>;
}

/** The files of a template. */
export interface Content {
  /** Its functions, a test of them, and files that take the place of those that every project has. */
  readonly files: Files;
  /** What they import beside Hopper: names, and where they come from. */
  readonly packages?: Readonly<Record<string, string>>;
}
