/**
 * A Node program that does with the client what it is told, a line of JSON each, and says what came of it: `["call", …]`
 * and whatever else the client has, or `["connect", url, options]`.
 */
import { createInterface } from "node:readline";
import * as hopper from "@hopper/hopper/client";

let client;

async function act([what, ...args]) {
  if (what === "connect") {
    client = await hopper.connect(...args);
    return "connected";
  }
  return await (what === "dispose" ? client[Symbol.asyncDispose]() : client[what](...args));
}

const classes = Object.entries(hopper).filter(([, value]) => value.prototype instanceof Error);

for await (const line of createInterface({ input: process.stdin })) {
  act(JSON.parse(line)).then(
    (value) => ({ value }),
    (error) => ({
      // The classes of the package that it is of.
      is: classes.filter(([, known]) => error instanceof known).map(([name]) => name),
      code: error.code,
      message: error.message,
      data: error.data,
    }),
  ).then((said) => console.log(JSON.stringify(said)));
}
