/**
 * Transcripts in pages of documentation: code blocks that begin with ```` ```sh transcript ````. A line with `$ ` is
 * a command, and the lines below it are its output. `…` stands for any text.
 */

import { openSession, type Serving, type Session, stays, withoutChance } from "./session.ts";

/** One step of a page. */
export type Step =
  | { readonly kind: "command"; readonly command: string; readonly shown: readonly string[] }
  /** A file that the page contains as code. */
  | { readonly kind: "file"; readonly path: string; readonly text: string };

/** The steps of a page, in its order. A code block is a file if its first line is a path. */
export function stepsOf(page: string): Step[] {
  return [...page.matchAll(/^```(.*)\n([^]*?)^```$/gm)].flatMap(([, language, block]): Step[] => {
    const path = /^\/\/ ((?:functions|src)\/\S+)/.exec(block!)?.[1];
    if (language === "ts" && path !== undefined) return [{ kind: "file", path, text: block! }];
    return language === "sh transcript" ? commandsIn(block!) : [];
  });
}

function commandsIn(block: string): Step[] {
  return block.split(/^\$ /m).slice(1).map((part) => {
    const [command = "", ...shown] = part.trimEnd().split("\n");
    return { kind: "command", command, shown };
  });
}

/** Whether printed lines equal the shown ones, except for times, durations, ids, and the text for which `…` stands. */
export function isAsShown(shown: readonly string[], lines: readonly string[]): boolean {
  const pattern = shown.map(withoutChance).map((line) => line === "…" ? "[^]*" : likeOf(line)).join("\n");
  return new RegExp(`^${pattern}$`).test(lines.map(withoutChance).map((line) => line.trimEnd()).join("\n"));
}

function likeOf(line: string): string {
  return line.split("…").map(RegExp.escape).join(".*");
}

/**
 * Runs the steps of a page in a new folder. A page that does not begin with `init` begins in a running project.
 *
 * @throws Error with both, where a command prints something else than what is shown
 */
export async function play(steps: readonly Step[]): Promise<void> {
  await using session = await openSession();
  const [first] = steps.filter((step) => step.kind === "command");
  if (!first?.command.includes(" init ")) {
    await session.do("hopper init shop");
    await session.do("cd shop");
    await session.serve("hopper run");
  }
  for (const step of steps) {
    if (step.kind === "file") await session.write(step.path, step.text);
    else if (stays(step.command)) await showServing(await session.serve(step.command), step.shown);
    else await show(session, step.command, step.shown);
  }
}

async function showServing(serving: Serving, shown: readonly string[]): Promise<void> {
  for (const line of shown.filter((each) => each !== "" && each !== "…")) {
    await serving.line((printed) => isAsShown([line], [printed]));
  }
}

// A command that looks at a queue may run before a message arrives there.
const looks = /\b(list|show)\b/;
const most = 20;

async function show(session: Session, command: string, shown: readonly string[]): Promise<void> {
  let lines: string[] = [];
  for (let attempt = 0; attempt < (looks.test(command) ? most : 1); attempt++) {
    lines = await session.run(command);
    if (isAsShown(shown, lines.join("") === "" ? [] : lines)) return;
  }
  throw new Error(
    `\`${command}\` prints:\n\n${lines.join("\n")}\n\nbut is shown with:\n\n${shown.join("\n")}\n`,
  );
}
