/**
 * The brokers the contract is held against: a real RabbitMQ and the embedded one.
 *
 * HOPPER_CONTRACT=rabbitmq|embedded|both selects (both). RabbitMQ is the node at HOPPER_TEST_AMQP_URL.
 */

export type BrokerAddress = { readonly url: string; readonly host: string; readonly port: number };
export type ContractBroker = {
  readonly name: "rabbitmq" | "embedded";
  /** Why it cannot be tried here; its tests are then shown as ignored. */
  readonly missing?: string;
  start(): Promise<BrokerAddress>;
  stop(): Promise<void>;
};

export function contractBrokers(): ContractBroker[] {
  const selected = Deno.env.get("HOPPER_CONTRACT") ?? "both";
  if (!["rabbitmq", "embedded", "both"].includes(selected)) {
    throw new Error(`HOPPER_CONTRACT is '${selected}', expected 'rabbitmq', 'embedded' or 'both'`);
  }
  return [rabbitmq(), embedded()].filter(({ name }) => selected === "both" || selected === name);
}

export function address(url: string): BrokerAddress {
  const { hostname, port } = new URL(url);
  return { url, host: hostname, port: Number(port || 5672) };
}

function rabbitmq(): ContractBroker {
  const url = Deno.env.get("HOPPER_TEST_AMQP_URL");
  return {
    name: "rabbitmq",
    missing: url ? undefined : "HOPPER_TEST_AMQP_URL is not set",
    start: () => Promise.resolve(address(url!)),
    stop: () => Promise.resolve(),
  };
}

/** In a worker: its sockets and timers are not the test's, and a loop that never ends is still stopped. */
function embedded(): ContractBroker {
  let worker: Worker | undefined;
  return {
    name: "embedded",
    start: async () => {
      worker = new Worker(new URL("./contract_embedded_worker.ts", import.meta.url), { type: "module" });
      const started = Promise.withResolvers<string>();
      worker.onmessage = ({ data }) => started.resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        started.reject(new Error(`The embedded broker did not start: ${event.message}`));
      };
      const url = await started.promise;
      worker.onerror = null;
      return address(url);
    },
    stop: () => {
      worker?.terminate();
      return Promise.resolve();
    },
  };
}
