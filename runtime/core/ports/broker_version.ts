/** Which broker this is, by its own word. */
export interface BrokerVersion {
  /** Such as `"RabbitMQ"`. */
  readonly product: string;
  /** Such as `"4.3.6"`. */
  readonly version: string;
}

/** Whether it is a RabbitMQ of this version or a later one. No, where it is another broker or does not say. */
export function isRabbitmqSince({ product, version }: BrokerVersion, major: number, minor: number): boolean {
  const [, itsMajor, itsMinor] = /^(\d+)\.(\d+)\b/.exec(version) ?? [];
  if (product !== "RabbitMQ" || itsMajor === undefined) return false;
  return Number(itsMajor) === major ? Number(itsMinor) >= minor : Number(itsMajor) > major;
}
