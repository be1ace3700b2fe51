// Renewal by hand, as a user and a timer run it: what is sent, what is written, and what is never sent.

import assert from "node:assert/strict";
import { runtimePaths } from "../../src/config/paths.ts";
import { type Family, IN_EACH_TOKEN, type Issuer, startIssuer } from "../support/issuer.ts";
import { homeAt } from "../support/issuer_home.ts";
import { type Home, until } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";
import { textsOf } from "../support/written_files.ts";

Deno.test("auth refresh sends the refresh token once, and changes only what is about tokens", async () => {
  await using issuer = await startIssuer();
  await using home = await homeAt(issuer);
  const family = issuer.mint({ ttlS: 240 });
  const path = `${home.authDir}/work.json`;
  const before = JSON.parse(issuer.authFile(family));
  const text = JSON.stringify({ mine: [1, 2], ...before, alias: "the work one" }, null, 3);
  await Deno.writeTextFile(path, text, { mode: 0o600 });

  const { code, stdout, stderr } = await home.run(["auth", "refresh", "work", "--json"]);
  assert.equal(code, 0, stderr);
  const { keys: [entry] } = JSON.parse(stdout);
  assert.equal(entry.outcome, "renewed");
  const [request, ...others] = issuer.requestsOf("/oauth/token");
  assert.equal(others.length, 0);
  assert.equal(request!.type, "application/json");
  assert.deepEqual(request!.fields, ["client_id", "grant_type", "refresh_token"]);

  const { access_token, refresh_token, id_token } = family.current;
  const after = await Deno.readTextFile(path);
  const { last_refresh } = JSON.parse(after);
  assert.deepEqual(
    after,
    text.replace(before.tokens.access_token, access_token).replace(before.tokens.refresh_token, refresh_token)
      .replace(before.tokens.id_token, id_token).replace(before.last_refresh, last_refresh),
  );
  assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
  assert.deepEqual(
    [...Deno.readDirSync(home.authDir)].map(({ name }) => name).filter((name) => !name.startsWith("rr_")),
    [
      "work.json",
    ],
  );
  for (const token of [access_token, refresh_token, before.tokens.refresh_token]) {
    assert.ok(!(stdout + stderr).includes(token));
  }
});

const STATUS_OK = 200;
const FRESH = { ttlS: 36_000 };
const DUE = { ttlS: 240, ageS: 36_000 };
const EXPIRED = { ttlS: -60, ageS: 36_000 };

/** Puts the login of a new family into the auth dir. */
async function addLogin(
  issuer: Issuer,
  home: Home,
  name: string,
  { ttlS, ageS = 0 }: { readonly ttlS: number; readonly ageS?: number },
): Promise<Family> {
  const family = issuer.mint({ ttlS, ageS });
  await Deno.writeTextFile(`${home.authDir}/${name}.json`, issuer.authFile(family), { mode: 0o600 });
  return family;
}

Deno.test("the proxy renews a key in time, by itself, and shows no token to anybody", async () => {
  await using issuer = await startIssuer({ faults: [{ delayMs: 4000, times: 1 }] });
  await using home = await homeAt(issuer);
  const due = await addLogin(issuer, home, "due", DUE);
  const idle = await addLogin(issuer, home, "idle", FRESH);
  const service = await Service.start(home);
  await until("the token is at the issuer", () => issuer.requestsOf("/oauth/token").length === 1);
  const shown = await shownByProcesses(home.authDir);
  await until("the key is renewed", () => due.refreshes === 1);
  assert.equal(await service.askForStatus(), STATUS_OK);
  assert.deepEqual([idle.refreshes, issuer.reuses, issuer.maxInFlight], [0, 0, 1]);
  await until(
    "the event is in the log",
    async () => (await Deno.readTextFile(runtimePaths(home.authDir).eventsFile)).includes('"auth.refreshed"'),
  );
  const kept = await textsOf(filesBelow(home.folder));
  assert.ok(kept.some((text) => text.includes('"spent"')), "the notes are looked at");
  for (const text of [...shown.texts, ...kept]) assert.doesNotMatch(text, IN_EACH_TOKEN);
  // The process that renews is among those that were looked at, and does not know the management key.
  if (Deno.build.os === "linux") assert.match(shown.renewer ?? "", /auth\0refresh\0/);
  assert.ok(!(shown.renewer ?? "").includes(MANAGEMENT_KEY));
});

/** What other programs of the user can read of the processes of an auth dir, and of the one that renews a key. */
async function shownByProcesses(authDir: string): Promise<{ texts: string[]; renewer: string | undefined }> {
  const texts: string[] = [];
  if (Deno.build.os !== "linux") return { texts, renewer: undefined };
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parts = ["cmdline", "environ"].map((part) => Deno.readTextFile(`/proc/${name}/${part}`));
    const text = (await Promise.all(parts).catch(() => [])).join("\n");
    if (text.includes(authDir)) texts.push(text);
  }
  return { texts, renewer: texts.find((text) => text.includes("refresh\0--if-due")) };
}

/** All files but the auth files, which hold the tokens. */
function* filesBelow(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesBelow(path);
    else if (!/keys\/\w+\.json$/.test(path)) yield path;
  }
}

Deno.test("many requests on a key whose token is refused: one renewal, no ejection, all are served", async () => {
  await using issuer = await startIssuer();
  await using home = await homeAt(issuer);
  const family = await addLogin(issuer, home, "only", FRESH);
  const service = await Service.start(home);
  issuer.expire(family);
  const statuses = await Promise.all(Array.from({ length: 50 }, () => service.askForStatus()));
  assert.deepEqual(new Set(statuses), new Set([STATUS_OK]));
  assert.deepEqual([family.refreshes, issuer.reuses], [1, 0]);
  assert.deepEqual((await service.accounts()).map(({ status }) => status), ["OK"]);
});

Deno.test("a request whose key is refused goes to the next key at once, and the key is back soon", async () => {
  await using issuer = await startIssuer({ faults: [{ delayMs: 3000 }] });
  await using home = await homeAt(issuer);
  const refused = await addLogin(issuer, home, "a", FRESH);
  const good = await addLogin(issuer, home, "b", FRESH);
  const service = await Service.start(home);
  issuer.expire(refused);
  for (let count = 0; count < 4; count++) {
    const response = await service.ask();
    assert.match(await response.text(), new RegExp(`hi from ${good.email}`));
  }
  assert.equal(refused.refreshes, 0, "nobody waits for the renewal");
  await until("the key is renewed and serves", async () => {
    return (await (await service.ask()).text()).includes(`hi from ${refused.email}`);
  });
  assert.equal(refused.refreshes, 1);
});

Deno.test("a key that cannot be renewed is ejected as ever, and one login command is named", async () => {
  await using issuer = await startIssuer();
  await using home = await homeAt(issuer);
  const family = await addLogin(issuer, home, "dead", FRESH);
  const service = await Service.start(home);
  family.isRevoked = true;
  assert.equal(await service.askForStatus(), 503);
  assert.deepEqual((await service.accounts()).map(({ status }) => status), ["BLACKLIST"]);
  assert.equal(await service.askForStatus(), 503);
  assert.equal(issuer.requestsOf("/oauth/token").length, 1);
  await until("the event is in the log", async () => {
    return /"auth\.login_needed".*auth login --replace dead/.test(
      await Deno.readTextFile(runtimePaths(home.authDir).eventsFile),
    );
  });
});

Deno.test("a start with expired keys: they are renewed one after the other, and none is asked before", async () => {
  await using issuer = await startIssuer();
  await using home = await homeAt(issuer);
  for (let number = 1; number <= 4; number++) await addLogin(issuer, home, `k${number}`, EXPIRED);
  const service = await Service.start(home);
  assert.equal(await service.askForStatus(), STATUS_OK);
  await until("all are renewed", () => issuer.families.every(({ refreshes }) => refreshes === 1));
  assert.deepEqual([issuer.maxInFlight, issuer.reuses], [1, 0]);
  const refusals = issuer.requestsOf("/backend-api/codex/responses").filter(({ status }) => status === 401);
  assert.equal(refusals.length, 0);
});

Deno.test("kill -9 of the proxy during renewals: nothing is lost, nothing is sent twice", async () => {
  await using issuer = await startIssuer({ ttlS: 36_000 });
  await using home = await homeAt(issuer);
  for (let round = 0; round < 4; round++) {
    const family = await addLogin(issuer, home, `k${round}`, DUE);
    issuer.settings.faults = [{ delayMs: 150 + 100 * round }];
    const service = await Service.start(home);
    await until("the token is at the issuer", () => issuer.requestsOf("/oauth/token").length === round + 1);
    await service.crash();
    const path = `${home.authDir}/k${round}.json`;
    await until("the new token is in the file", async () => {
      return JSON.parse(await Deno.readTextFile(path)).tokens.refresh_token ===
          family.current.refresh_token &&
        family.refreshes === 1;
    });
  }
  assert.deepEqual([issuer.reuses, issuer.families.some(({ isRevoked }) => isRevoked)], [0, false]);
});

Deno.test("kill -9 of the process that renews: not sent again while the token works, and said so", async () => {
  await using issuer = await startIssuer({ faults: [{ delayMs: 3000, times: 1 }] });
  await using home = await homeAt(issuer);
  const family = await addLogin(issuer, home, "work", DUE);
  const running = home.start(["auth", "refresh", "work"]);
  await until("the token is at the issuer", () => issuer.requestsOf("/oauth/token").length === 1);
  running.kill();
  await running.finished.catch(() => {});
  for (const args of [["auth", "refresh", "work"], ["auth", "refresh"]]) await home.run(args);
  const { code, stderr } = await home.run(["auth", "refresh", "work"]);
  assert.equal(code, 1);
  assert.match(stderr, /it is not known whether work\.json was renewed/);
  assert.deepEqual([issuer.requestsOf("/oauth/token").length, issuer.reuses, family.isRevoked], [
    1,
    0,
    false,
  ]);
  const service = await Service.start(home);
  assert.equal(await service.askForStatus(), STATUS_OK);
});

Deno.test("two proxies on copies of a folder, and commands beside: one renewal, and both have the new token", async () => {
  await using issuer = await startIssuer({ faults: [{ delayMs: 2500, times: 1 }] });
  await using home = await homeAt(issuer);
  const family = await addLogin(issuer, home, "work", DUE);
  const copy = `${home.folder}/copy`;
  await Deno.mkdir(copy, { mode: 0o700 });
  await Deno.copyFile(`${home.authDir}/work.json`, `${copy}/work.json`);
  const env = { CLIPROXY_AUTH_DIR: copy };
  try {
    const start = async (options = {}) =>
      JSON.parse((await home.run(["proxy", "--json"], options)).stdout).pid as number;
    const pid = await start();
    assert.notEqual(await start({ env }), pid);
    // On one folder there is only one proxy.
    assert.equal(await start(), pid);
    await Promise.all([home.run(["auth", "refresh"]), home.run(["auth", "refresh"], { env })]);
    await until("both have the new token", async () => {
      const texts = await Promise.all([home.authDir, copy].map((at) => Deno.readTextFile(`${at}/work.json`)));
      return texts.every((text) => JSON.parse(text).tokens.refresh_token === family.current.refresh_token);
    }, 45_000);
    assert.deepEqual([family.refreshes, issuer.reuses, issuer.maxInFlight], [1, 0, 1]);
  } finally {
    await home.run(["stop"], { env });
  }
});

Deno.test("CLIPROXY_REFRESH=off: nothing is renewed", async () => {
  await using issuer = await startIssuer();
  await using home = await homeAt(issuer);
  await addLogin(issuer, home, "work", DUE);
  const env = { CLIPROXY_REFRESH: "off" };
  const { code, stderr } = await home.run(["auth", "refresh", "work"], { env });
  assert.equal(code, 1);
  assert.match(stderr, /the setting refresh is off/);
  assert.equal(issuer.requestsOf("/oauth/token").length, 0);
});
