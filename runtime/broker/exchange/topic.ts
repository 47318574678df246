import { AmqpError } from "../errors.ts";
import type { Router, Rule } from "./router.ts";

/** One word of the patterns that share everything before it. */
interface Node<Destination> {
  readonly children: Map<string, Node<Destination>>;
  /** Whose pattern ends here. */
  readonly rules: Set<Rule<Destination>>;
  /** Reached by `#`: stays active for any further word. */
  readonly repeats: boolean;
}

function newNode<Destination>(word = ""): Node<Destination> {
  return { children: new Map(), rules: new Set(), repeats: word === "#" };
}

/** `a.b` is two words; the empty key is none. */
const wordsOf = (key: string) => key === "" ? [] : key.split(".");

/** Throws 406 for a pattern that has `#` more often than `maxHashes`. */
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
 * The patterns form a trie. Matching keeps the set of active positions and moves it on word by word, so that the cost
 * is at most words times positions, however many `#` a pattern has.
 */
export function topicRouter<Destination>(): Router<Destination> {
  const root = newNode<Destination>();
  return {
    add(rule) {
      let at = root;
      for (const word of wordsOf(rule.key)) {
        let next = at.children.get(word);
        if (!next) at.children.set(word, next = newNode(word));
        at = next;
      }
      at.rules.add(rule);
    },
    remove: (rule) => remove(root, wordsOf(rule.key), rule),
    route(message, found) {
      for (const key of message.keys) {
        for (const end of walk(root, wordsOf(key))) {
          for (const { destination } of end.rules) found(destination);
        }
      }
    },
  };
}

function remove<D>(at: Node<D>, words: readonly string[], rule: Rule<D>): void {
  const [word, ...rest] = words;
  if (word === undefined) {
    at.rules.delete(rule);
    return;
  }
  const next = at.children.get(word);
  if (!next) return;
  remove(next, rest, rule);
  if (next.rules.size === 0 && next.children.size === 0) at.children.delete(word);
}

/** The nodes at which some pattern ends exactly when the key does. */
function walk<D>(root: Node<D>, words: readonly string[]): Set<Node<D>> {
  let active = new Set<Node<D>>();
  enter(root, active);
  for (const word of words) {
    const next = new Set<Node<D>>();
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

/** Makes a position active together with the `#` behind it, which may stand for no word at all. */
function enter<D>(at: Node<D> | undefined, active: Set<Node<D>>): void {
  while (at && !active.has(at)) {
    active.add(at);
    at = at.children.get("#");
  }
}
