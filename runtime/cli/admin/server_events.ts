/** One server-sent event. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** The events of a stream, as the HTML standard has them. Comments, which only keep a connection open, are left out. */
export async function* eventsOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<ServerEvent> {
  let event = "";
  let data: string[] = [];
  for await (const line of linesOf(body)) {
    if (line === "") {
      if (data.length > 0) yield { event: event || "message", data: data.join("\n") };
      [event, data] = ["", []];
      continue;
    }
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line)!;
    if (field === "event") event = value!;
    if (field === "data") data.push(value!);
  }
}

// A runtime's lines are far shorter. What does not end in time comes from something else.
const longest = 16 * 1024 * 1024;

async function* linesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    rest += text;
    const lines = rest.split(/\r\n|\n/);
    rest = lines.pop()!;
    if (rest.length > longest) throw new RangeError("A line is too long");
    yield* lines;
  }
}
