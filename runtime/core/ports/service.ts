/** Where the runtime itself is served or listens: functions are kept from it, whatever network they may use. */
export interface Service {
  /** What it is, as "is the runtime's …" says it. */
  readonly is: "broker" | "admin API";
  /** A name, or an address without brackets. */
  readonly hostname: string;
  readonly port: number;
}
