import { queue, Reject } from "hopper";
import nodemailer from "nodemailer";

/** A mail to send. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** Takes mails from the queue 'mail' whenever there are some, and hands them to the mail server whenever it takes them. */
export default queue("mail", {
  permissions: { net: true, env: ["SMTP_URL", "MAIL_FROM"] },
  // A mail server that is away for some hours costs no mail.
  retry: { attempts: 10, delay: "10s", max: "1h" },
  // The same mail again within a day, such as from a sender that did not get the answer, is not sent again.
  dedupe: { for: "1d", store: "disk" },
  setup({ env }) {
    if (!env.SMTP_URL) throw new Error("SMTP_URL is not set; expected smtp://user:password@host:587");
    return {
      transport: nodemailer.createTransport(env.SMTP_URL, { from: env.MAIL_FROM ?? "hopper@localhost" }),
    };
  },
}, async (mail: Mail, { state: { transport }, message, log }) => {
  try {
    // The id lets the receiver's server recognise a mail that comes twice.
    await transport.sendMail({ ...mail, messageId: `<${message.id}@hopper>` });
  } catch (error) {
    // The server says that it will never take this one.
    if (isPermanent(error)) throw new Reject(`Refused for good: ${error.message}`);
    throw error;
  }
  log.info(`Sent: ${mail.subject}`);
});

function isPermanent(error: unknown): error is Error & { responseCode: number } {
  const code = error instanceof Error && "responseCode" in error ? error.responseCode : undefined;
  return typeof code === "number" && code >= 500;
}
