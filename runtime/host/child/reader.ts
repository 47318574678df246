/**
 * A process that reads what files declare. Each file is loaded in its own worker, so that it cannot change the globals
 * that the next file sees. A worker may read its file's modules, and do nothing else.
 *
 * Its argument is the path of the runtime's socket.
 */
import { ownPrograms } from "../../core/own_files.ts";
import type { Frame } from "../wire/frame.ts";
import { fromHost, type ReadHead, toHost } from "../wire/messages.ts";
import { FramePipe, processEnd } from "../wire/pipe.ts";

const [socket] = Deno.args as [string];
const pipe = new FramePipe(await Deno.connect({ transport: "unix", path: socket }), processEnd);

function readFile(id: number, head: ReadHead): void {
  const { modules, sys, native } = head;
  const nothing = { env: false, import: false, net: false, run: false, write: false } as const;
  const options = {
    type: "module",
    deno: {
      permissions: {
        ...nothing,
        ffi: native,
        read: native || [...modules],
        sys: sys === true || sys.length > 0 && [...sys],
      },
    },
  };
  const worker = new Worker(ownPrograms.declaring, options as WorkerOptions);
  const end = (result: unknown) => {
    pipe.send(fromHost.loaded, id, result);
    worker.terminate();
  };
  worker.onmessage = ({ data }) => end(data);
  worker.onerror = (event) => {
    event.preventDefault();
    end({ ended: `ended with an error that nobody caught: ${event.message.replace(/^Uncaught /, "")}` });
  };
  worker.postMessage(head);
}

await pipe.read((frame: Frame) => {
  if (frame.kind === toHost.read) readFile(frame.id, frame.head as ReadHead);
});
Deno.exit(0);
