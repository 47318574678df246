/**
 * `onOwnBroker`, `onSharedBroker` and `onCluster`: one test of a promise that runs on every broker.
 *
 * HOPPER_FAULTS_BROKER=rabbitmq|embedded|both selects; both is the default.
 */

import { type Cluster, startCluster } from "./cluster.ts";
import {
  type BrokerKind,
  type FaultBroker,
  type FaultBrokerOptions,
  startFaultBroker,
} from "./fault_brokers.ts";
import { type Found, report, reportInapplicable } from "./figures.ts";
import {
  type BrokerAddress,
  leaveOutRabbitmq,
  MANAGEMENT,
  rabbitmqInstalled,
  type RabbitNode,
  startRabbitmq,
  withVhost,
} from "./rabbitmq.ts";

/** A broker that other tests use too. The test has its own virtual host, if the broker has those. */
export interface SharedBroker extends AsyncDisposable {
  readonly kind: BrokerKind;
  readonly url: string;
  readonly port: number;
}

/** Prints a result for the broker, and keeps it for the table. */
export type Report = (found: Found) => void;

/** What differs between the brokers. */
export interface Differences {
  /** Why the promise cannot be tried on a broker. */
  readonly except?: { readonly [Kind in BrokerKind]?: string };
}

type Test<Broker> = (broker: Broker, report: Report) => Promise<void>;

const selected = select(Deno.env.get("HOPPER_FAULTS_BROKER") ?? "both");
const missing = selected.includes("rabbitmq") && !rabbitmqInstalled();
if (missing) leaveOutRabbitmq();

/**
 * Registers a test of a promise for each broker. The broker has its own process, which the test may kill, freeze and
 * restart.
 *
 * ```ts ignore
 * onOwnBroker("P1", "A broker that is killed loses nothing", async (broker, report) => {
 *   await broker.kill();
 *   await broker.restart();
 *   report({ what: "broker killed", goal: "lost 0", tried: { kills: 1 }, lost: 0 });
 * });
 * ```
 */
export function onOwnBroker(
  promise: string,
  name: string,
  test: Test<FaultBroker>,
  { except, ...options }: Differences & FaultBrokerOptions = {},
): void {
  register(promise, name, test, (kind) => startFaultBroker(kind, options), except);
}

/** Registers a test of a promise for each broker, which it must not stop: on RabbitMQ a virtual host, some 15 ms. */
export function onSharedBroker(
  promise: string,
  name: string,
  test: Test<SharedBroker>,
  { except }: Differences = {},
): void {
  if (selected.includes("rabbitmq") && !missing) startOneForAll();
  register(promise, name, test, (kind) => kind === "rabbitmq" ? room() : startFaultBroker(kind), except);
}

/** Registers a test of a promise on a cluster of three nodes, which only RabbitMQ has. */
export function onCluster(promise: string, name: string, test: Test<Cluster>): void {
  const except = { embedded: "it is one process: none takes over from it" };
  register(promise, name, test, startCluster, except);
}

function register<Broker extends AsyncDisposable>(
  promise: string,
  name: string,
  test: Test<Broker>,
  start: (kind: BrokerKind) => Promise<Broker>,
  except: Differences["except"] = {},
): void {
  for (const kind of selected) {
    const why = except[kind];
    if (why !== undefined) {
      reportInapplicable(promise, kind, name, why);
      continue;
    }
    Deno.test({
      name: `${promise} ${kind}: ${name}`,
      ignore: kind === "rabbitmq" && missing,
      fn: async () => {
        await using broker = await start(kind);
        await test(broker, (found) => report(promise, kind, found));
      },
    });
  }
}

let sharing = false;
let shared: BrokerAddress | undefined;

/** The node of the whole run, or one for this test file. */
function startOneForAll(): void {
  if (sharing) return;
  sharing = true;
  let node: RabbitNode | undefined;
  Deno.test.beforeAll(async () => {
    const url = Deno.env.get("HOPPER_TEST_AMQP_URL");
    const http = Deno.env.get("HOPPER_TEST_RABBITMQ_HTTP");
    shared = url && http ? { url, http } : node = await startRabbitmq({ plugins: MANAGEMENT });
  });
  Deno.test.afterAll(() => node?.[Symbol.asyncDispose]());
}

async function room(): Promise<SharedBroker> {
  const vhost = await withVhost(shared!);
  return {
    kind: "rabbitmq",
    url: vhost.url,
    port: Number(new URL(vhost.url).port),
    [Symbol.asyncDispose]: () => vhost[Symbol.asyncDispose](),
  };
}

function select(name: string): readonly BrokerKind[] {
  if (name === "both") return ["rabbitmq", "embedded"];
  if (name === "rabbitmq" || name === "embedded") return [name];
  throw new Error(`HOPPER_FAULTS_BROKER is '${name}', expected 'rabbitmq', 'embedded' or 'both'`);
}
