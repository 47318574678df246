/*
 * A quorum queue of RabbitMQ 4.0 has two priorities, and looks only at its first message to see whether it has expired.
 * So a message with the higher priority, which is first, holds up others that have expired before it.
 * Queues in which messages wait are therefore separate for the two.
 */

/** Whether a quorum queue lets a message with this priority pass others. */
export function passesOthers(priority: number | undefined): boolean {
  return priority !== undefined && priority > 4;
}
