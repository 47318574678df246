/**
 * Tries what its argument lists, `[["read", "/etc/passwd"], …]`, and prints for each what Deno said: `null` where
 * it worked, else the error. Run as a process of its own, with the permissions that a test is about.
 */
import { spawn } from "node:child_process";
import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { connect } from "node:net";
import { hostname } from "node:os";
import process from "node:process";
import { createRequire } from "node:module";
import type { EventEmitter } from "node:events";

const [host, port] = [
  (at: string) => at.slice(0, at.lastIndexOf(":")),
  (at: string) => Number(at.slice(at.lastIndexOf(":") + 1)),
];
const bare = (at: string) => host(at).replace(/^\[(.*)\]$/, "$1");

function happens(emitter: EventEmitter, event: string): Promise<void> {
  return new Promise((resolve, reject) => emitter.once(event, resolve).once("error", reject));
}

const attempts: Record<string, (what: string) => unknown> = {
  read: (path) => Deno.readTextFile(path),
  "read by fetch": (path) => fetch(`file://${path}`),
  "node read": (path) => readFileSync(path),
  "import text": (path) => import(`file://${path}`, { with: { type: "text" } }),
  "import json": (path) => import(`file://${path}`, { with: { type: "json" } }),
  "import": (path) => import(`file://${path}`),
  "import remote": (url) => import(url),
  require: (path) => createRequire("file:///x.js")(path),
  stat: (path) => Deno.stat(path),
  write: (path) => Deno.writeTextFile(path, ""),
  "make temp": () => Deno.makeTempFile().then((path) => Deno.remove(path)),
  symlink: (path) => Deno.symlink(path, `${path}.link`),
  connect: async (at) => (await Deno.connect({ hostname: bare(at), port: port(at) })).close(),
  fetch: async (url) => await (await fetch(url)).text(),
  listen: (at) => Deno.listen({ hostname: bare(at), port: port(at) }).close(),
  "node connect": async (at) => {
    const socket = connect(port(at), bare(at));
    await happens(socket, "connect");
    socket.destroy();
  },
  "node get": async (url) => {
    const request = get(url);
    await happens(request, "response");
    request.destroy();
  },
  lookup: (host) => lookup(host),
  unix: async (path) => (await Deno.connect({ transport: "unix", path })).close(),
  env: (name) => Deno.env.get(name),
  "set env": (name) => Deno.env.set(name, ""),
  "node env": (name) => process.env[name],
  environment: () => Deno.env.toObject(),
  "node environment": () => Object.keys(process.env),
  "npm's help": async (commander) => new (await import(commander)).Command().helpInformation(),
  run: (program) => new Deno.Command(program, { stdout: "null" }).output(),
  "run with": (name) =>
    new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null", env: { [name]: "x" } }).output(),
  "node spawn": async (program) => await happens(spawn(program), "close"),
  "kill parent": () => Deno.kill(Deno.ppid, "SIGCONT"),
  "node kill parent": () => process.kill(process.ppid, 0),
  ffi: (library) => Deno.dlopen(library, {}).close(),
  pointer: () => Deno.UnsafePointer.create(1n),
  sys: (fact) => (Deno as unknown as Record<string, () => unknown>)[fact]!(),
  "node hostname": () => hostname(),
  query: (text) => {
    const { state } = Deno.permissions.querySync(JSON.parse(text));
    if (state !== "granted") throw new Error(state);
  },
  wrapped: async (path) => {
    await Deno.readTextFile(path).catch((cause) => {
      throw new AggregateError([new Error("first"), new Error("second", { cause })], "All failed");
    });
  },
};

const said: unknown[] = [];
for (const [kind, what] of JSON.parse(Deno.args[0]!) as [string, string][]) {
  try {
    await attempts[kind]!(what);
    said.push(null);
  } catch (error) {
    said.push(plain(error));
  }
}
console.log(JSON.stringify(said));
Deno.exit(0);

function plain(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, cause } = error;
  const { code, hostname, errors } = error as Error & {
    code?: string;
    hostname?: string;
    errors?: unknown[];
  };
  return { name, message, code, hostname, cause: plain(cause), errors: errors?.map(plain) };
}
