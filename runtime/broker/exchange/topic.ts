import { AmqpError } from "../errors.ts";
import type { Binding, Router } from "./exchange.ts";

/** One word of the patterns that share everything before it. */
interface Node {
  readonly children: Map<string, Node>;
  readonly bindings: Set<Binding>;
  /** Reached by `#`: stays active for any further word. */
  readonly repeats: boolean;
}

const node = (word = ""): Node => ({ children: new Map(), bindings: new Set(), repeats: word === "#" });

/** `a.b` is two words; the empty key is none. */
const wordsOf = (key: string) => key === "" ? [] : key.split(".");

/** Throws 406 for a pattern with more words `#` than there may be. */
export function checkPattern(pattern: string, maxHashes: number): void {
  const hashes = wordsOf(pattern).filter((word) => word === "#").length;
  if (hashes <= maxHashes) return;
  throw new AmqpError(
    "precondition_failed",
    `Topic binding key '${pattern}' uses ${hashes} '#' wildcards, at most ${maxHashes} are allowed`,
  );
}

/**
 * Routes to the bindings whose pattern matches: `*` is one word, `#` is zero or more.
 *
 * The patterns form a trie, and matching walks all their live positions word by word, so that its cost is
 * bounded by words times positions however many `#` a pattern has.
 */
export function topicRouter(): Router {
  const root = node();
  return {
    add(binding) {
      let at = root;
      for (const word of wordsOf(binding.key)) {
        let next = at.children.get(word);
        if (!next) at.children.set(word, next = node(word));
        at = next;
      }
      at.bindings.add(binding);
    },
    remove: (binding) => remove(root, wordsOf(binding.key), binding),
    route(message, found) {
      for (const key of message.keys) {
        for (const end of walk(root, wordsOf(key))) {
          for (const binding of end.bindings) found(binding.destination);
        }
      }
    },
  };
}

function remove(at: Node, words: readonly string[], binding: Binding): void {
  const [word, ...rest] = words;
  if (word === undefined) {
    at.bindings.delete(binding);
    return;
  }
  const next = at.children.get(word);
  if (!next) return;
  remove(next, rest, binding);
  if (next.bindings.size === 0 && next.children.size === 0) at.children.delete(word);
}

/** The nodes at which some pattern ends exactly when the key does. */
function walk(root: Node, words: readonly string[]): Set<Node> {
  let active = new Set<Node>();
  enter(root, active);
  for (const word of words) {
    const next = new Set<Node>();
    for (const at of active) {
      if (at.repeats) enter(at, next);
      enter(at.children.get(word), next);
      if (word !== "*") enter(at.children.get("*"), next);
    }
    if (next.size === 0) return next;
    active = next;
  }
  return active;
}

/** A position is live together with the `#` behind it, which may stand for no word. */
function enter(at: Node | undefined, active: Set<Node>): void {
  while (at && !active.has(at)) {
    active.add(at);
    at = at.children.get("#");
  }
}
