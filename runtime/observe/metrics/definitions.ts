/** A metric: its name, what it says, and the names of its labels. */
export interface Definition {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** What it counts or shows, as `# HELP` says it. */
  readonly help: string;
  readonly labels: readonly string[];
  /** The upper bounds of a histogram's buckets, in seconds. */
  readonly buckets?: readonly number[];
}

// OpenTelemetry's own buckets for messaging, and more at both ends: a handler may take well below a millisecond, or
// minutes.
const runSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

const lagSeconds = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5];

/** The labels that OpenTelemetry's conventions name, and the function. */
const messaging = ["messaging_system", "messaging_operation_name"] as const;

/**
 * Every metric at `/metrics`. The names that begin with `messaging_` are those of OpenTelemetry's conventions for
 * messaging, as Prometheus writes them.
 */
export const definitions = {
  processDuration: {
    name: "messaging_process_duration_seconds",
    type: "histogram",
    help: "How long runs took, from when the runtime takes the message to the end of its handler",
    labels: [...messaging, "messaging_destination_name", "function", "error_type"],
    buckets: runSeconds,
  },
  consumed: {
    name: "messaging_client_consumed_messages_total",
    type: "counter",
    help:
      "Messages that functions took from their queues and that ended: handled, failed, expired, duplicate or superseded",
    labels: [...messaging, "messaging_destination_name", "function", "error_type"],
  },
  sent: {
    name: "messaging_client_sent_messages_total",
    type: "counter",
    help:
      "Messages that functions sent, published and called with; retries, dead letters and replies do not count",
    labels: [...messaging, "function", "error_type"],
  },
  retried: {
    name: "hopper_retried_messages_total",
    type: "counter",
    help: "Messages that failed and were moved to a retry queue",
    labels: ["function"],
  },
  deadLettered: {
    name: "hopper_dead_lettered_messages_total",
    type: "counter",
    help: "Messages that failed for good and were moved to the dead letters",
    labels: ["function"],
  },
  dropped: {
    name: "hopper_dropped_messages_total",
    type: "counter",
    help:
      "Messages that failed for good and were rejected to the broker, as the function keeps no dead letters",
    labels: ["function"],
  },
  expired: {
    name: "hopper_expired_messages_total",
    type: "counter",
    help: "Messages that were not run, because they waited longer than their sender allows",
    labels: ["function"],
  },
  duplicates: {
    name: "hopper_duplicate_messages_total",
    type: "counter",
    help: "Messages that were not run, because they were handled before",
    labels: ["function"],
  },
  superseded: {
    name: "hopper_superseded_messages_total",
    type: "counter",
    help: "Messages that were not run, because a later one of their key had come (`debounce`, `throttle`)",
    labels: ["function"],
  },
  unrouted: {
    name: "hopper_unrouted_messages_total",
    type: "counter",
    help: "Messages that functions published and no queue took, where that is no error",
    labels: ["function"],
  },
  unanswered: {
    name: "hopper_unanswered_requests_total",
    type: "counter",
    help: "Requests whose reply could not be sent",
    labels: ["function"],
  },
  processesStarted: {
    name: "hopper_processes_started_total",
    type: "counter",
    help: "Processes of functions that started",
    labels: ["function"],
  },
  processesEnded: {
    name: "hopper_processes_ended_total",
    type: "counter",
    help: "Processes of functions that ended by themselves, such as in a crash",
    labels: ["function"],
  },
  inFlight: {
    name: "hopper_in_flight_runs",
    type: "gauge",
    help: "Runs in progress",
    labels: ["function"],
  },
  unacked: {
    name: "hopper_queue_unacked_messages",
    type: "gauge",
    help: "Messages that this runtime has and has not settled",
    labels: ["function", "messaging_destination_name"],
  },
  ready: {
    name: "hopper_queue_ready_messages",
    type: "gauge",
    help: "Messages that wait at the broker; missing while the broker does not say",
    labels: ["function", "messaging_destination_name", "kind"],
  },
  attached: {
    name: "hopper_function_attached",
    type: "gauge",
    help: "1 if the function's consumer is attached, or it paused; 0 if something is missing",
    labels: ["function"],
  },
  paused: {
    name: "hopper_function_paused",
    type: "gauge",
    help: "1 if the function pauses, because its runs keep failing or somebody paused it",
    labels: ["function"],
  },
  connected: {
    name: "hopper_broker_connected",
    type: "gauge",
    help: "1 if the connection to the broker is open; connections are opened when they are needed",
    labels: ["connection"],
  },
  reconnects: {
    name: "hopper_broker_reconnects_total",
    type: "counter",
    help: "How often a connection to the broker was opened again after it was lost",
    labels: ["connection"],
  },
  lag: {
    name: "hopper_event_loop_lag_seconds",
    type: "histogram",
    help: "How late the runtime's own event loop was, looked at four times a second",
    labels: [],
    buckets: lagSeconds,
  },
  build: {
    name: "hopper_build_info",
    type: "gauge",
    help: "1, with the version of Hopper as its label",
    labels: ["version"],
  },
} as const satisfies Record<string, Definition>;
