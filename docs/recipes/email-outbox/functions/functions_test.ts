import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { startTest } from "hopper/testing";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

const functions = import.meta.dirname!;

/** A mail server that keeps what it gets, and refuses some receivers. */
async function mailServer(onRcptTo?: SMTPServerOptions["onRcptTo"]) {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onRcptTo,
    onData(stream, _session, done) {
      let mail = "";
      stream.on("data", (bytes: Uint8Array) => mail += new TextDecoder().decode(bytes));
      stream.on("end", () => {
        mails.push(mail);
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  Deno.env.set("SMTP_URL", `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`);
  return {
    mails,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

const mail = { to: "ada@example.org", subject: "Hello", text: "How are you?" };

Deno.test("A mail reaches the server, and the same mail again does not", async () => {
  await using server = await mailServer();
  await using hopper = await startTest({ functions });
  await hopper.send("mail", mail, { messageId: "greeting-7" });
  await hopper.handled("mail");
  await hopper.send("mail", mail, { messageId: "greeting-7" });
  await hopper.send("mail", { ...mail, subject: "Bye" }, { messageId: "greeting-8" });
  await hopper.handled("mail", 2);
  assert.deepEqual(server.mails.map((text) => /^Subject: (.*)$/m.exec(text)?.[1]?.trim()), ["Hello", "Bye"]);
});

Deno.test("A mail that the server refuses for good is not tried again", async () => {
  await using _server = await mailServer((_address, _session, done) => done(refusal(550, "No such user")));
  await using hopper = await startTest({ functions });
  await hopper.send("mail", mail);
  assert.match(await hopper.failed("mail"), /Refused for good.*No such user/s);
});

Deno.test("A mail that the server refuses for now is tried again", async () => {
  let refused = false;
  await using server = await mailServer((_address, _session, done) => {
    if (refused) return done();
    refused = true;
    done(refusal(451, "Try again later"));
  });
  await using hopper = await startTest({
    functions,
    config: { functions: { "mail": { retry: { delay: "50ms" } } } },
  });
  await hopper.send("mail", mail);
  await hopper.handled("mail");
  assert.equal(server.mails.length, 1);
});
