/** A broker in a process of its own, which a test may stop, kill, freeze and start again with its data. */
export interface BrokerNode extends AsyncDisposable {
  /** `amqp://guest:guest@127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** Ends the node in order, as an operator would, and waits until it is gone. Its data stays. */
  stop(): Promise<void>;
  /** Ends the node at once, as a power cut would. Its data stays. */
  kill(): Promise<void>;
  /** Starts the node again (ending it in order first if it runs) with its data and port. */
  restart(): Promise<void>;
  /** Freezes the node: connections stay open, nothing is answered. */
  pause(): void;
  resume(): void;
  /** Ends the node at once and removes everything it wrote. */
  [Symbol.asyncDispose](): Promise<void>;
}
