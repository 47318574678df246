/** The types of exchange that every broker has. */
export const exchangeTypes: readonly string[] = ["direct", "fanout", "topic", "headers"];

/** Whether a broker may not know an exchange's type, as it is a plugin's. */
export function isPluginType(type: string): boolean {
  return !exchangeTypes.includes(type);
}
