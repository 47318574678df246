/** Types commands like a person on a machine, and counts the keys and the time of each command. */

import assert from "node:assert/strict";
import type { Machine } from "./machine.ts";
import type { Exit } from "./process.ts";

/** Types commands on a machine, and prints at the end how much was typed and how long it took. */
export class Typed implements Disposable {
  readonly #machine: Machine;
  readonly #title: string;
  readonly #rows: string[] = [];
  #begun = performance.now();
  #keys = 0;
  #commands = 0;
  #ms = 0;

  constructor(machine: Machine, title: string) {
    this.#machine = machine;
    this.#title = title;
  }

  /** Types a command in a folder, and expects exit code 0. */
  async run(folder: string, command: string, ...last: string[]): Promise<Exit> {
    const [program, ...args] = command.split(" ");
    this.begin();
    const exit = await this.#machine.run(folder, program!, ...args, ...last);
    this.ended([command, ...last.map((word) => `'${word}'`)].join(" "));
    assert.equal(exit.code, 0, `${command}: ${exit.stdout}${exit.stderr}`);
    return exit;
  }

  /** Begins something that is typed. `ended` counts it. */
  begin(): void {
    this.#begun = performance.now();
  }

  /** Ends what was begun, when it has had its effect. */
  ended(what: string): void {
    const ms = performance.now() - this.#begun;
    this.#commands++;
    // Plus one for the Enter key.
    this.#keys += what.length + 1;
    this.#ms += ms;
    this.#rows.push(`  ${(ms / 1000).toFixed(1).padStart(6)} s   ${what}`);
  }

  /** Records how much was typed, and how long it took so far. */
  mark(what: string): void {
    const sum = `${this.#commands} commands, ${this.#keys} keystrokes, ${(this.#ms / 1000).toFixed(1)} s`;
    this.#rows.push(`  → ${what}: ${sum}`);
  }

  [Symbol.dispose](): void {
    console.log([this.#title, ...this.#rows].join("\n"));
  }
}
