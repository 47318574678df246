/**
 * Makes the attempts in its argument, such as `[["read", "/etc/passwd"], …]`, and prints the result of each: `null` if it
 * worked, else Deno's error. A test runs it as a process with the permissions that the test is about.
 */
import { spawn } from "node:child_process";
import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
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
  "fetch by proxy": async (at) => {
    using client = Deno.createHttpClient({ proxy: { url: `http://${at}` } });
    await (await fetch("http://some.example/", { client })).text();
  },
  "fetch by a variable": async (at) => {
    Deno.env.set("HTTP_PROXY", `http://${at}`);
    await (await fetch("http://some.example/")).text();
  },
  "fetch what is elsewhere": async (at) => {
    const redirects = () => Response.redirect(`http://${at}/`);
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, redirects);
    await (await fetch(`http://127.0.0.1:${server.addr.port}/`)).text();
  },
  websocket: async (at) => {
    const socket = new WebSocket(`ws://${at}/`);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = (event) => reject(new Error((event as ErrorEvent).message));
    });
  },
  "connect in a worker": async (at) => {
    const text = `Deno.connect({ hostname: "${bare(at)}", port: ${port(at)} })
      .then(() => postMessage("ok"), ({ name, message }) => postMessage({ name, message }));`;
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const worker = new Worker(url, { type: "module" });
    const said = await new Promise((resolve) => worker.onmessage = ({ data }) => resolve(data));
    worker.terminate();
    if (said !== "ok") throw Object.assign(new Error(), said);
  },
  "connect by TLS": async (at) => (await Deno.connectTls({ hostname: bare(at), port: port(at) })).close(),
  "node connect by TLS": (at) => happens(connectTls(port(at), bare(at)), "secureConnect"),
  "node connect by HTTP/2": (at) => happens(connectHttp2(`http://${at}`), "connect"),
  "node connect where a lookup says": async (at) => {
    const told = [{ address: bare(at), family: bare(at).includes(":") ? 6 : 4 }];
    const socket = connect({
      host: "some.example",
      port: port(at),
      lookup: (_host, _options, callback) => callback(null, told),
    });
    await happens(socket, "connect");
    socket.destroy();
  },
  "ask as a name server": (at) =>
    Deno.resolveDns("some.example", "A", { nameServer: { ipAddr: bare(at), port: port(at) } }),
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
