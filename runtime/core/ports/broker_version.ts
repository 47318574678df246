/** The broker's name and version, as it reports them. */
export interface BrokerVersion {
  /** Such as `"RabbitMQ"`. */
  readonly product: string;
  /** Such as `"4.3.6"`. */
  readonly version: string;
}

/** Whether the broker is RabbitMQ of this version or later. False for other brokers, and if the version is unknown. */
export function isRabbitmqSince({ product, version }: BrokerVersion, major: number, minor: number): boolean {
  const [, itsMajor, itsMinor] = /^(\d+)\.(\d+)\b/.exec(version) ?? [];
  if (product !== "RabbitMQ" || itsMajor === undefined) return false;
  return Number(itsMajor) === major ? Number(itsMinor) >= minor : Number(itsMajor) > major;
}
