import { describeError } from "../../core/api/errors.ts";
import type { Emit } from "../../core/ports/events.ts";
import type { IdServer, IdServerKind, OpenIdServer } from "../../core/ports/id_server.ts";
import { type Dedupe, storeVariables } from "../../core/settings/dedupe_settings.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import { maxHereMs } from "../delivery/hold_limit.ts";
import { forgiving, idsInMemory, type IdStore, type LocalIds } from "./id_store.ts";
import { idsOnDisk } from "./id_store_on_disk.ts";
import { runWithout, waitFor } from "./id_store_shared.ts";

/** What is needed to remember a function's handled ids. */
export interface OpenIdsParts {
  readonly function: string;
  readonly dedupe: Dedupe;
  readonly settings: Resolved;
  /** The folder for what survives a restart. */
  readonly data: string;
  readonly openIdServer: OpenIdServer;
  /** Called when no message can be run, because its id cannot be looked up or remembered. */
  readonly onDown: (error: unknown) => void;
  readonly emit: Emit;
  /** Aborts when the runtime stops and waits no longer. */
  readonly stop: AbortSignal;
}

/** Opens the store that a function's setting `dedupe` asks for. Never throws. */
export function openIds(parts: OpenIdsParts): IdStore {
  const { dedupe: { store, for: ms } } = parts;
  switch (store) {
    case "memory":
      return idsInMemory(ms);
    case "disk":
      return onDisk(parts);
    case "redis":
    case "postgres":
      return shared(parts, store);
  }
}

function onDisk({ function: name, dedupe: { for: ms }, data, emit }: OpenIdsParts): LocalIds {
  const complain = (error: unknown, instead: string) =>
    emit({ event: "notice", message: `${name}: handled ids are ${instead}: ${describeError(error)}` });
  try {
    return forgiving(idsOnDisk(data, ms), (error) => complain(error, "not remembered"));
  } catch (error) {
    complain(error, `remembered in memory only, because '${data}' cannot be used`);
    return idsInMemory(ms);
  }
}

function shared(parts: OpenIdsParts, kind: IdServerKind): IdStore {
  const { function: name, dedupe, settings, openIdServer, onDown, emit, stop } = parts;
  const say = (message: string) => emit({ event: "notice", message: `${name}: ${message}` });
  const common = { ms: dedupe.for, say };
  const waiting = { ...common, maxHereMs: maxHereMs(settings), onDown, stop };
  let server: IdServer;
  try {
    server = openIdServer(kind, dedupe.env ?? storeVariables[kind]);
  } catch (error) {
    // Nothing comes back by itself here, so also a function that would rather run waits until somebody has seen this.
    return waitFor(unusable(error), waiting);
  }
  return dedupe.onStoreDown === "run" ? runWithout(server, common) : waitFor(server, waiting);
}

function unusable(error: unknown): IdServer {
  const refuse = () => Promise.reject(error);
  return { ready: refuse, has: refuse, add: refuse, close: () => Promise.resolve() };
}
