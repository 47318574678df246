/** The runtime's broker, its admin port, or the inspector of a function. Functions may not connect to it, whatever network access they have. */
export interface Service {
  /** What it is, to complete "the runtime's …". */
  readonly is: "broker" | "admin API" | "inspector";
  /** A host name, or an IP address without brackets. */
  readonly hostname: string;
  readonly port: number;
}
