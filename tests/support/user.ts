/** A user of RabbitMQ with the permissions that a test chooses. */

import type { BrokerAddress, Vhost } from "./rabbitmq.ts";

/** A user's permissions in a virtual host, as regular expressions for names of queues and exchanges. */
export interface Rights {
  configure: string;
  write: string;
  read: string;
}

/** A user that exists for one test. */
export interface User extends AsyncDisposable {
  name: string;
  /** The virtual host, with this user's login. */
  url: string;
}

/** Makes a user with these permissions in a test's virtual host. */
export async function withUser(broker: BrokerAddress, vhost: Vhost, rights: Rights): Promise<User> {
  if (!broker.http) throw new Error(`${broker.url} has no management API to make users with`);
  const name = `user-${crypto.randomUUID().slice(0, 8)}`;
  const manage = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${broker.http}/api/${path}`, {
      method,
      headers: { authorization: `Basic ${btoa("guest:guest")}` },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`RabbitMQ answered ${response.status} to ${path}: ${text}`);
  };
  await manage("PUT", `users/${name}`, { password: "secret", tags: "" });
  await manage("PUT", `permissions/${vhost.name}/${name}`, rights);
  const url = new URL(vhost.url);
  url.username = name;
  url.password = "secret";
  return { name, url: url.href, [Symbol.asyncDispose]: () => manage("DELETE", `users/${name}`) };
}
