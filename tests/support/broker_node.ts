/** A broker in its own process, which a test can stop, kill, freeze and restart with its data. */
export interface BrokerNode extends AsyncDisposable {
  /** `amqp://guest:guest@127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** Stops the node in order, as an operator would, and waits for its end. Its data stays. */
  stop(): Promise<void>;
  /** Kills the node, as a power cut would. Its data stays. */
  kill(): Promise<void>;
  /** Starts the node again with its data and port. If it runs, it is stopped first. */
  restart(): Promise<void>;
  /** Freezes the node: connections stay open, nothing is answered. */
  pause(): void;
  resume(): void;
  /** Kills the node, and removes everything that it wrote. */
  [Symbol.asyncDispose](): Promise<void>;
}
