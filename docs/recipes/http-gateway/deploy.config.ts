import { defineConfig } from "hopper";

/** Who may do what over HTTP. What is not written is denied. */
export default defineConfig({
  http: {
    anonymous: { call: ["shop.price"] },
    tokens: {
      // The token itself is in the environment: SHOP_TOKEN=$(openssl rand -hex 24)
      website: { env: "SHOP_TOKEN", call: ["shop.*"], send: ["shop.orders"] },
    },
    inFlight: 50,
    maxBody: 64 * 1024,
  },
});
