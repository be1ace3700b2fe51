import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { answer, FakeSend } from "../../support/fake_send.ts";
import { codexLogin } from "../../support/login.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

const FILE = "/home/ann/login.json";

/** Imports a file, and gives what is said and what the key's file holds. */
async function imported(text: string, options = "") {
  const world = new CliWorld();
  world.machine.files.put(FILE, text);
  world.upstream = new FakeSend(answer(401));
  const { code, err } = await world.run(`auth import ${FILE} --name key${options}`);
  return { code, err, key: world.machine.files.text(`${AUTH_DIR}/key.json`), asked: world.upstream.requests };
}

Deno.test("importOne() does not import a personal access token that the issuer rejects", async () => {
  const { code, err, key } = await imported('{"personal_access_token":"at-1"}');
  assert.deepEqual([code, key], [1, undefined]);
  assert.match(err, /https:\/\/auth\.openai\.com rejects its token/);
});

Deno.test("importOne() asks nobody when it is not to check", async () => {
  const { code, key, asked } = await imported('{"personal_access_token":"at-1"}', " --no-check");
  assert.deepEqual([code, key, asked.length], [0, '{"personal_access_token":"at-1"}', 0]);
});

Deno.test("importOne() asks where the file says that the key belongs", async () => {
  const { asked } = await imported('{"api_key":"sk-1","upstream":"https://api.example/v1"}');
  assert.deepEqual(asked.map(({ url }) => url), ["https://api.example/v1/models"]);
});

Deno.test("importOne() says of a disabled key that no request gets it", async () => {
  const { err } = await imported(codexLogin().replace("{", '{"disabled": true,'), " --no-check");
  assert.match(err, /its file says that it is disabled/);
});
