/** A database that is down at first, and functions whose setup connects to it. */

/** An address where nothing listens until the database is up. */
export function downDatabase() {
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr as Deno.NetAddr;
  free.close();
  return {
    port,
    up() {
      const listener = Deno.listen({ hostname: "127.0.0.1", port });
      const connections: Deno.Conn[] = [];
      (async () => {
        for await (const connection of listener) connections.push(connection);
      })().catch(() => {});
      return {
        [Symbol.dispose]() {
          listener.close();
          for (const connection of connections) connection.close();
        },
      };
    },
  };
}

/** A function whose setup connects to a database. It logs its input, and returns the database's port. */
export const connecting = (trigger: string, port: number): string => `
  export default ${trigger} permissions: { net: ["127.0.0.1:${port}"] },
    setup: async ({ log }) => ({
      db: await Deno.connect({ hostname: "127.0.0.1", port: ${port} }),
      end: { close: () => log("closed") },
    }),
  }, (text, { state, log }) => (log(String(text)), state.db.remoteAddr.port));`;
