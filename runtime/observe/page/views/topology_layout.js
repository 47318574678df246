// @ts-check
/** @import { TopologyView } from "../../api/views.ts" */

/** @typedef {TopologyView["exchanges"][number]} Exchange */
/** @typedef {TopologyView["queues"][number]} Queue */
/** @typedef {TopologyView["functions"][number]} Served */
/** @typedef {{ readonly x: number, readonly y: number, readonly width: number, readonly height: number }} Box */
/** @typedef {{ readonly from: Box, readonly to: Box, readonly isBusy: boolean }} Edge */

/**
 * Where everything is drawn, in four columns: exchanges, bindings, queues, functions.
 *
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {readonly { box: Box, exchange: Exchange }[]} exchanges
 * @property {readonly { box: Box, key: string }[]} bindings
 * @property {readonly { box: Box, queue: Queue, dead: number, retrying: number }[]} queues
 * @property {readonly { box: Box, fn: Served }[]} functions
 * @property {readonly Edge[]} edges
 */

/** The columns in pixels: where each begins, and how wide it is. */
const columns = {
  exchange: { x: 1, width: 220 },
  binding: { x: 281, width: 150 },
  queue: { x: 471, width: 290 },
  function: { x: 821, width: 200 },
};
const whole = 1022;
const node = 46;
const key = 24;
const gap = 12;
/** How often exchanges and queues are put in the order of those they are bound to. More changes little. */
const rounds = 3;

/**
 * A place for everything: queues below each other in the order of their exchanges, bindings and functions beside their
 * queue, exchanges beside the middle of their bindings.
 *
 * @param {TopologyView} view
 * @returns {Layout}
 */
export function layOut(view) {
  const work = view.queues.filter(({ kind }) => kind === "work");
  const { exchanges, queues } = ordered(view, work);
  const bindingsOf = Map.groupBy(view.bindings, (binding) => binding.queue);
  const usersOf = Map.groupBy(view.functions, (fn) => fn.queue);
  /** @type {{ box: Box, key: string, exchange: string, queue: Queue }[]} */
  const bindings = [];
  /** @type {{ box: Box, queue: Queue, dead: number, retrying: number }[]} */
  const placed = [];
  /** @type {{ box: Box, fn: Served, queue: Queue }[]} */
  const functions = [];
  let top = gap;
  for (const queue of queues) {
    const own = bindingsOf.get(queue.name) ?? [];
    const users = usersOf.get(queue.name) ?? [];
    const height = Math.max(node, own.length * (key + gap / 2), users.length * (node + gap) - gap);
    placed.push({
      box: { ...columns.queue, y: middle(top, height, node), height: node },
      queue,
      ...waiting(view, queue),
    });
    for (const [i, { exchange, key: text }] of own.entries()) {
      const y = stacked(top, height, own.length, i, key, gap / 2);
      bindings.push({ box: { ...columns.binding, y, height: key }, key: text, exchange, queue });
    }
    for (const [i, fn] of users.entries()) {
      const y = stacked(top, height, users.length, i, node, gap);
      functions.push({ box: { ...columns.function, y, height: node }, fn, queue });
    }
    top += height + gap;
  }
  const names = new Set(queues.map(({ name }) => name));
  const others = view.functions.filter(({ queue }) => !names.has(queue));
  const bare = others.map((fn, i) => ({
    box: { ...columns.function, y: top + i * (node + gap), height: node },
    fn,
  }));
  const drawn = besideBindings(exchanges, bindings);
  const boxOfExchange = new Map(drawn.map(({ exchange: { name }, box }) => [name, box]));
  const boxOfQueue = new Map(placed.map(({ queue, box }) => [queue, box]));
  const boxes = [...drawn, ...placed, ...bare].map(({ box }) => box.y + box.height);
  return {
    width: whole,
    height: Math.max(node, ...boxes) + gap,
    exchanges: drawn,
    bindings,
    queues: placed,
    functions: [...functions, ...bare],
    edges: [
      ...bindings.flatMap(({ box, exchange, queue }) => [
        ...line(boxOfExchange.get(exchange), box, queue),
        ...line(box, boxOfQueue.get(queue), queue),
      ]),
      ...functions.flatMap(({ box, queue }) => line(boxOfQueue.get(queue), box, queue)),
    ],
  };
}

/** @param {Box | undefined} from @param {Box | undefined} to @param {Queue} queue @returns {Edge[]} */
function line(from, to, { taken }) {
  return from && to ? [{ from, to, isBusy: taken > 0 }] : [];
}

/**
 * Exchanges and queues, so that few lines cross: each goes where the middle of those it is bound to is.
 *
 * @param {TopologyView} view
 * @param {readonly Queue[]} work
 */
function ordered(view, work) {
  let exchanges = [...view.exchanges].sort(byName);
  let queues = [...work].sort(byName);
  const ofQueue = Map.groupBy(view.bindings, ({ queue }) => queue);
  const ofExchange = Map.groupBy(view.bindings, ({ exchange }) => exchange);
  for (let round = 0; round < rounds; round++) {
    const places = new Map(exchanges.map(({ name }, i) => [name, i]));
    queues = sortedBy(
      queues,
      ({ name }) => meanOf(ofQueue.get(name) ?? [], ({ exchange }) => places.get(exchange)),
    );
    const rows = new Map(queues.map(({ name }, i) => [name, i]));
    exchanges = sortedBy(
      exchanges,
      ({ name }) => meanOf(ofExchange.get(name) ?? [], ({ queue }) => rows.get(queue)),
    );
  }
  return { exchanges, queues };
}

/**
 * @param {readonly Exchange[]} exchanges In their order.
 * @param {readonly { box: Box, exchange: string }[]} bindings
 */
function besideBindings(exchanges, bindings) {
  const ofExchange = Map.groupBy(bindings, ({ exchange }) => exchange);
  let free = gap;
  return exchanges.map((exchange) => {
    const own = (ofExchange.get(exchange.name) ?? []).map(({ box }) => box.y + box.height / 2);
    const wanted = own.length === 0 ? free : (Math.min(...own) + Math.max(...own)) / 2 - node / 2;
    const y = Math.max(free, wanted);
    free = y + node + gap;
    return { box: { ...columns.exchange, y, height: node }, exchange };
  });
}

/** How many messages of a queue wait elsewhere. @param {TopologyView} view @param {Queue} queue */
function waiting({ queues }, { functions }) {
  const sum = (/** @type {Queue["kind"]} */ kind) =>
    queues.filter((other) => other.kind === kind && other.functions.some((name) => functions.includes(name)))
      .reduce((all, { ready = 0 }) => all + ready, 0);
  return { dead: sum("dead"), retrying: sum("retry") };
}

/** @param {number} top @param {number} height @param {number} own */
function middle(top, height, own) {
  return top + (height - own) / 2;
}

/** @param {number} top @param {number} height @param {number} count @param {number} i @param {number} size @param {number} space */
function stacked(top, height, count, i, size, space) {
  return middle(top, height, count * (size + space) - space) + i * (size + space);
}

/** @template T @param {readonly T[]} items @param {(item: T) => number} placeOf @returns {T[]} */
function sortedBy(items, placeOf) {
  return items.map((item) => ({ item, place: placeOf(item) })).sort((a, b) => a.place - b.place).map((
    { item },
  ) => item);
}

/** The middle of some places; the end for none. @template T @param {readonly T[]} items @param {(item: T) => number | undefined} placeOf */
function meanOf(items, placeOf) {
  const places = items.flatMap((item) => placeOf(item) ?? []);
  return places.length === 0
    ? Number.MAX_SAFE_INTEGER
    : places.reduce((sum, place) => sum + place, 0) / places.length;
}

/** @param {{ name: string }} a @param {{ name: string }} b */
function byName(a, b) {
  return a.name < b.name ? -1 : 1;
}
