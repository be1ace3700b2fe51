import assert from "node:assert/strict";
import { cannotListen } from "../../src/runtime/cannot_listen.ts";
import { ListenError } from "../../src/system/listen.ts";
import { someSettings } from "../support/service_world.ts";

const END = "end that program, or pass another --port";

/** `[the arguments of who listens, what is said of it, the hint]` */
const HOLDERS: readonly (readonly [args: string | undefined, by: string, hint: string])[] = [
  [undefined, " by pid 4120", END],
  ["", " by pid 4120", END],
  ["node server.js --token=secret", " by pid 4120 (node)", END],
  ["/usr/bin/python3 -m http.server", " by pid 4120 (python3)", END],
  [
    "/usr/local/bin/cdx2 run-server --auth-dir /home/ann/two words",
    " by another cdx2 (pid 4120), of the auth dir /home/ann/two words",
    'use that one with --auth-dir "/home/ann/two words", or pass another --port',
  ],
];

for (const [args, by, hint] of HOLDERS) {
  Deno.test(`cannotListen() says of ${JSON.stringify(args)} that the port is taken${by}`, async () => {
    const processes = {
      listenerOf: () => Promise.resolve(4120),
      outputOf: () => Promise.resolve(args === undefined ? undefined : `${args}\n`),
    };
    const resolved = someSettings({ flags: { port: "8317" } });
    const error = await cannotListen({ processes, resolved }, new ListenError("address_in_use", "in use"));
    assert.equal(error.message, `Cannot listen on 127.0.0.1:8317: the port is taken${by}`);
    assert.equal(error.hint, hint);
  });
}
