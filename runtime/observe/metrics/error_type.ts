/**
 * What `error_type` may be, besides `_OTHER`. The names of errors come from the functions' code, which may make them of
 * what is in a message; so this list is closed, and no series ever bears a message's text.
 */
const known: ReadonlySet<string> = new Set([
  // JavaScript's
  "AggregateError",
  "AssertionError",
  "Error",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
  // The web's
  "AbortError",
  "DataCloneError",
  "NotSupportedError",
  "TimeoutError",
  // Deno's
  "AddrInUse",
  "AlreadyExists",
  "BadResource",
  "BrokenPipe",
  "ConnectionAborted",
  "ConnectionRefused",
  "ConnectionReset",
  "Interrupted",
  "InvalidData",
  "NotCapable",
  "NotConnected",
  "NotFound",
  "PermissionDenied",
  "TimedOut",
  "UnexpectedEof",
  // Hopper's
  "ArgumentError",
  "BrokerBlocked",
  "BrokerError",
  "CallTimeout",
  "ConnectionLost",
  "HopperError",
  "HostEnded",
  "HostUnavailable",
  "MessageTooLarge",
  "NoSuchExchange",
  "NoSuchFunction",
  "Poison",
  "PublishFailed",
  "Reject",
  "Retry",
  "RpcError",
  "RunTimeout",
  "SetupFailed",
  "Unroutable",
  "Unsendable",
]);

/** What `error_type` is where the caller of an rpc was wrong, so that nothing here has to be fixed. */
export const callersMistake = "caller";

/** The name at the beginning of an error as text, such as `TypeError: x is not a function`, if it is a known one. */
export function errorType(error: string): string {
  const end = error.indexOf(":");
  const name = end === -1 ? error : error.slice(0, end);
  return known.has(name) ? name : "_OTHER";
}
