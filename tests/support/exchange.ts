// An exchange of our server, as its handlers get it.

import type { Exchange } from "../../src/system/exchange.ts";

/** With a client on this machine, over at once, and not to be upgraded. */
export function anExchange(): Exchange {
  return {
    clientIp: "127.0.0.1",
    completed: Promise.resolve(),
    upgrade: () => {
      throw new TypeError("it is not a handshake");
    },
    close: () => {},
  };
}
