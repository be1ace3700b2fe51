import assert from "node:assert/strict";
import {
  describeSettings,
  type Given,
  locate,
  resolveSettings,
  type Settings,
} from "../../src/config/settings.ts";
import { UserError } from "../../src/values/user_error.ts";

function given(overrides: Partial<Given> = {}): Given {
  return { flags: {}, env: {}, homeFolder: "/home/ann", cwd: "/tmp/work", ...overrides };
}

function refusal(overrides: Partial<Given>): UserError {
  try {
    resolveSettings(given(overrides));
  } catch (error) {
    assert(error instanceof UserError);
    assert.equal(error.exitCode, 2);
    return error;
  }
  throw new assert.AssertionError({ message: "was not refused" });
}

Deno.test("resolveSettings() uses the defaults of the contract", () => {
  const { settings, sources } = resolveSettings(given());
  const expected: Settings = {
    authDir: "/home/ann/.codex/_auths",
    envFile: "/home/ann/.codex/_auths/.env",
    host: "127.0.0.1",
    port: 0,
    upstream: "https://chatgpt.com/backend-api",
    usageBaseUrl: undefined,
    refresh: true,
    issuer: "https://auth.openai.com",
    clientId: "app_EMoamEEZ73f0CkXaXp7hrann",
    keyring: false,
    managementKey: undefined,
    allowNonLoopback: false,
    requireClientKey: false,
    allowedHosts: [],
    allowedOrigins: [],
    trustedProxies: [],
    remote: undefined,
    clientKey: undefined,
    remoteManagementKey: undefined,
    traceMax: 500,
    rotation: "session",
    holdMs: 20_000,
    maxAttempts: 8,
    webSocket: "auto",
    upstreamClient: "own",
    maxBodyBytes: 67_108_864,
    bodyMemoryBytes: 536_870_912,
    bodyIdleTimeoutMs: 60_000,
    connectTimeoutMs: 10_000,
    headTimeoutMs: 300_000,
    idleTimeoutMs: 300_000,
    drainMs: 10_000,
    cooldownBaseMs: 30_000,
    cooldownMaxMs: 900_000,
    ejectionBaseMs: 900_000,
    ejectionMaxMs: 21_600_000,
    strikesToEject: 5,
    trialIntervalMs: 20_000,
    trialSuccesses: 2,
    minRemainingPercent: 0,
    maxEjectedPercent: 50,
    logMaxBytes: 10_485_760,
    notify: undefined,
    shared: undefined,
    sharedSecret: undefined,
    sharedNamespace: "cdx2",
    sharedCaFile: undefined,
    member: "",
    poolHome: "auto",
  };
  assert.deepEqual(settings, expected);
  assert.deepEqual(new Set(Object.values(sources)), new Set(["default"]));
});

Deno.test("resolveSettings() prefers flag, environment, .env, default, in this order", () => {
  const flags = { port: "1" };
  const env = { CLIPROXY_PORT: "2" };
  const envFileText = "CLIPROXY_PORT=3\n";
  const rows = [
    [{ flags, env, envFileText }, 1, "flag"],
    [{ env, envFileText }, 2, "environment"],
    [{ envFileText }, 3, "env_file"],
    [{}, 0, "default"],
    [{ flags: { port: undefined }, env: { CLIPROXY_PORT: "" }, envFileText }, 3, "env_file"],
    [{ env: { CLIPROXY_PORT: "" }, envFileText: "CLIPROXY_PORT=\n" }, 0, "default"],
  ] as const;
  for (const [overrides, port, source] of rows) {
    const { settings, sources } = resolveSettings(given(overrides));
    assert.deepEqual([settings.port, sources.port], [port, source]);
  }
});

Deno.test("locate() finds .env in the auth dir unless told otherwise", () => {
  const rows: readonly [Partial<Given>, string, string][] = [
    [{}, "/home/ann/.codex/_auths", "/home/ann/.codex/_auths/.env"],
    [{ flags: { authDir: "keys" } }, "/tmp/work/keys", "/tmp/work/keys/.env"],
    [{ env: { CLIPROXY_AUTH_DIR: "~/k$&/" } }, "/home/ann/k$&", "/home/ann/k$&/.env"],
    [{ env: { CLIPROXY_ENV_FILE: "~/proxy.env" } }, "/home/ann/.codex/_auths", "/home/ann/proxy.env"],
  ];
  for (const [overrides, authDir, envFile] of rows) {
    assert.deepEqual(locate(given(overrides)), { authDir, envFile });
    const { settings } = resolveSettings(given(overrides));
    assert.deepEqual([settings.authDir, settings.envFile], [authDir, envFile]);
  }
});

Deno.test("resolveSettings() does not let .env say where .env is", () => {
  const envFileText = "CLIPROXY_AUTH_DIR=/elsewhere\nCLIPROXY_ENV_FILE=/elsewhere/.env\n";
  const { settings, sources } = resolveSettings(given({ envFileText }));
  assert.equal(settings.authDir, "/home/ann/.codex/_auths");
  assert.equal(settings.envFile, "/home/ann/.codex/_auths/.env");
  assert.deepEqual([sources.authDir, sources.envFile], ["default", "default"]);
});

const PORT_RANGE = "allowed is a whole number from 0 to 65535";

for (
  const [overrides, message] of [
    [{ flags: { port: "99999" } }, `Bad port "99999" (from --port): ${PORT_RANGE}`],
    [{ flags: { port: "" } }, `Bad port "" (from --port): ${PORT_RANGE}`],
    [{ env: { CLIPROXY_PORT: "a\nb" } }, `Bad port "a\\nb" (from CLIPROXY_PORT): ${PORT_RANGE}`],
    [
      { flags: { authDir: "/a" }, envFileText: "CLIPROXY_PORT=x" },
      `Bad port "x" (from CLIPROXY_PORT in /a/.env): ${PORT_RANGE}`,
    ],
    [
      { env: { CLIPROXY_COOLDOWN_SECONDS: "1000" } },
      'Bad cooldown_max_seconds "900" (from the default): ' +
      "allowed is at least cooldown_seconds, 1000 (from CLIPROXY_COOLDOWN_SECONDS)",
    ],
    [
      { env: { CLIPROXY_BLACKLIST_MAX_SECONDS: "899.9" } },
      'Bad blacklist_max_seconds "899.9" (from CLIPROXY_BLACKLIST_MAX_SECONDS): ' +
      "allowed is at least blacklist_seconds, 900 (from the default)",
    ],
    [
      { flags: { managementKey: "hunter2" } },
      'Bad management_key "[REDACTED]" (from --management-key): ' +
      "allowed is at least 8 printable ASCII characters without spaces",
    ],
    [
      { env: { CLIPROXY_UPSTREAM: "https://ann:pw@example.com" } },
      'Bad upstream "https://[REDACTED]@example.com" (from CLIPROXY_UPSTREAM): ' +
      "allowed is an http or https URL without credentials, query or fragment",
    ],
  ] satisfies readonly (readonly [Partial<Given>, string])[]
) {
  Deno.test(`resolveSettings() says: ${message}`, () => assert.equal(refusal(overrides).message, message));
}

Deno.test("resolveSettings() allows a maximum that equals its base", () => {
  const env = { CLIPROXY_COOLDOWN_SECONDS: "0.05", CLIPROXY_COOLDOWN_MAX_SECONDS: "0.05" };
  assert.equal(resolveSettings(given({ env })).settings.cooldownMaxMs, 50);
});

Deno.test("resolveSettings() refuses an exposed host until that is allowed", () => {
  for (const host of ["0.0.0.0", "::", "192.168.1.2", "example.com"]) {
    const { message, hint } = refusal({ flags: { host } });
    assert.match(
      message,
      new RegExp(`^Bad host "${host}" \\(from --host\\): allowed is an address that only`),
    );
    assert.match(hint ?? "", /--allow-non-loopback/);
    const allowed = given({ flags: { host }, env: { CLIPROXY_ALLOW_NON_LOOPBACK: "yes" } });
    assert.equal(resolveSettings(allowed).settings.host, host);
  }
});

Deno.test("describeSettings() shows values as they are written, with source and unit", () => {
  const shown = describeSettings(resolveSettings(given({ env: { CLIPROXY_HOLD_SECONDS: "0.5" } })));
  assert.deepEqual(shown["hold_seconds"], { value: 0.5, source: "environment", unit: "seconds" });
  assert.deepEqual(shown["body_limit_mb"], { value: 64, source: "default", unit: "MiB" });
  assert.deepEqual(shown["allow_non_loopback"], { value: false, source: "default" });
  assert.deepEqual(shown["management_key"], { value: null, source: "default" });
});

Deno.test("describeSettings() never shows the management key", () => {
  const envFileText = "CLIPROXY_MANAGEMENT_KEY=hunter2hunter2\n";
  const resolved = resolveSettings(given({ envFileText }));
  assert.equal(resolved.settings.managementKey?.reveal(), "hunter2hunter2");
  const shown = describeSettings(resolved);
  assert.deepEqual(shown["management_key"], { value: "[REDACTED]", source: "env_file" });
  assert.doesNotMatch(JSON.stringify([resolved, shown]), /hunter2/);
});

Deno.test("a flag of the command that started the process is still a flag in it", () => {
  const env = { CLIPROXY_PORT: "8317", CLIPROXY_HOST: "127.0.0.2", CDX2_FLAGS: "CLIPROXY_PORT" };
  const { sources } = resolveSettings({ flags: {}, env, homeFolder: "/home/ann", cwd: "/" });
  assert.deepEqual([sources.port, sources.host], ["flag", "environment"]);
});

Deno.test("the auth dir that a start hands on as an argument keeps its source", () => {
  const sourceOf = (env: Record<string, string>) =>
    resolveSettings({ flags: { authDir: "/keys" }, env, homeFolder: "/home/ann", cwd: "/" }).sources.authDir;
  assert.equal(sourceOf({}), "flag");
  assert.equal(sourceOf({ CDX2_FLAGS: "CLIPROXY_AUTH_DIR" }), "flag");
  assert.equal(sourceOf({ CDX2_FLAGS: "", CLIPROXY_AUTH_DIR: "/keys" }), "environment");
  assert.equal(sourceOf({ CDX2_FLAGS: "" }), "default");
});
