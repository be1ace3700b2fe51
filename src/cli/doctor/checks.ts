/**
 * What can be wrong around the keys. Each check looks at the facts and says one thing, with a hint where the user can do
 * something about it.
 * @module
 */

import { isLoopbackHost } from "../../config/address.ts";
import { proxyVariable } from "../../config/http_proxy.ts";
import { SETTING_KEYS, SETTINGS } from "../../config/settings_table.ts";
import { LOG_IN_AGAIN } from "../../observability/causes.ts";
import { nearest } from "../../values/nearest.ts";
import { counted, durationText, latencyText, sizeText } from "../../values/durations.ts";
import { keyDifferences, servesOn } from "../key_differences.ts";
import { EXPOSED } from "../running.ts";
import { fail, listed, ok, skipped, warn } from "./finding.ts";
import { checkShared } from "./shared_check.ts";
import { settingDrift } from "../../runtime/drift.ts";
import type { Facts, FileMode, Service } from "./facts.ts";
import { groupOf } from "../../api/account.ts";
import { misplacedApiKeys } from "./api_keys.ts";
import { checkCodexRoute } from "./codex_route.ts";
import type { Check, Finding } from "./page.ts";
import { checkRenewal } from "./renewal_check.ts";

type Running = Extract<Service, { kind: "running" }>;

/** In the order in which they are shown. A check that does not apply returns `undefined`. */
const CHECKS: Readonly<Record<string, (facts: Facts) => Finding | undefined>> = {
  proxy: checkProxy,
  keys: checkKeys,
  version: (facts) => whenRunning(facts, checkVersion),
  auth_dir: checkAuthDir,
  settings: (facts) => whenRunning(facts, checkSettings),
  setting_names: checkSettingNames,
  tokens: (facts) => whenRunning(facts, checkTokens),
  api_keys: checkApiKeys,
  renewal: checkRenewal,
  bind: checkBind,
  file_modes: checkFileModes,
  upstream: checkUpstream,
  http_proxy: checkHttpProxy,
  clock: checkClock,
  shared: (facts) => whenRunning(facts, ({ debug: { shared } }) => checkShared(shared, facts.nowMs)),
  disk: checkDisk,
  codex: checkCodex,
  codex_route: checkCodexRoute,
};

export function runChecks(facts: Facts): readonly Check[] {
  const beginning = findingOfEmptyHome(facts);
  if (beginning) return [{ name: "keys", ...beginning }];
  return Object.entries(CHECKS).flatMap(([name, check]) => {
    const finding = check(facts);
    return finding ? [{ name, ...finding }] : [];
  });
}

/** One finding with one next step, for a home in which nothing has been set up. */
function findingOfEmptyHome({ service, disk, resolved: { settings } }: Facts): Finding | undefined {
  if (service.kind !== "unasked" || disk.kind !== "read" || disk.files.length > 0) return undefined;
  return fail(`there are no keys yet in ${settings.authDir}`, 'add the first one with "cdx2 auth login"');
}

const RESTART = 'restart it with "cdx2 proxy --force"';
// With a larger difference, tokens look expired or not yet valid, and reset times are misread.
const MAX_SKEW_MS = 30_000;
// The service log and the event log, each with two old files.
const LOG_FILES = 6;
// What `cdx2 codex` injects was tried with this version.
const MEASURED_CODEX = /^0\.169\./;

function checkProxy({ service }: Facts): Finding {
  if (service.kind === "unasked") return fail(service.reason, service.hint);
  const { base_url, pid, status } = service.debug;
  if (status !== "running") return fail(`the proxy (pid ${pid}) is shutting down`, 'see "cdx2 status"');
  return ok(`running at ${base_url} (pid ${pid})`);
}

function checkKeys({ service, disk, nowMs }: Facts): Finding | undefined {
  const addOne = howToGetOne(disk);
  if (service.kind === "unasked") {
    const usable = disk.kind === "read" ? disk.files.filter((file) => file.usable).length : 0;
    return usable === 0 ? fail("there is no usable auth file", addOne) : undefined;
  }
  const { accounts, isUsable } = service;
  if (accounts.length === 0) return fail("the proxy holds no key", addOne);
  const able = accounts.filter((account) => groupOf(account, nowMs) === "whitelist").length;
  const usable = `${able} of ${counted(accounts.length, "key")} can be used`;
  if (isUsable && able === 0) {
    return warn(`${usable}; keys whose token has expired are tried all the same`, LOG_IN_AGAIN);
  }
  if (!isUsable) return fail(usable, "each key above says when it is back and what brings it back sooner");
  return ok(usable);
}

/** Files that cannot be used may only need their keyring unlocked, say. */
function howToGetOne(disk: Facts["disk"]): string {
  const how = 'add one with "cdx2 auth login" or "cdx2 auth import"';
  const hasRejected = disk.kind === "read" && disk.files.some(({ usable, disabled }) => !usable && !disabled);
  return hasRejected ? `each rejected file above says what is wrong with it; or ${how}` : how;
}

function checkVersion({ debug }: Running, { version }: Facts): Finding {
  if (debug.version === version) return ok(`the proxy and this program are both ${version}`);
  return warn(`the running proxy is ${debug.version}, this program is ${version}`, RESTART);
}

function checkAuthDir({ service, disk, resolved: { settings: { authDir } } }: Facts): Finding {
  if (disk.kind === "unreadable") {
    return fail(
      `cannot read the auth dir: ${disk.reason}`,
      "make the folder readable, or pass another --auth-dir",
    );
  }
  if (service.kind === "unasked") {
    const usable = disk.files.filter((file) => file.usable).length;
    return ok(`${usable} of ${disk.files.length} auth files in ${authDir} can be used`);
  }
  const differences = keyDifferences(service.files, disk.files);
  const kept = servesOn(service.files, disk.files);
  if (differences.length === 0 && kept !== undefined) {
    return warn(kept, "open the keyring before the proxy is restarted: until then it would have no such key");
  }
  if (differences.length === 0) return ok(`the proxy holds what is in ${authDir}`);
  return warn(`the proxy does not hold what is in ${authDir}: ${differences.join("; ")}`, RESTART);
}

function checkSettings({ debug }: Running, { resolved }: Facts): Finding {
  const differences = settingDrift(debug, resolved).map(({ name, running, wanted, source }) =>
    `${name} is ${running} there and ${wanted} here (${source.replace("_", " ")})`
  );
  if (differences.length === 0) return ok("the proxy has the settings that a start would give it now");
  return warn(
    `the running proxy has other settings: ${differences.join("; ")}`,
    `if these are meant, ${RESTART}`,
  );
}

function checkSettingNames({ env, envFileNames, resolved: { settings } }: Facts): Finding | undefined {
  const here = Object.keys(env).filter(isUnknownSetting).map((name) => wrongName(name, "the environment"));
  const inFile = envFileNames.filter(isUnknownSetting).map((name) => wrongName(name, settings.envFile));
  const wrong = [...here, ...inFile];
  if (wrong.length === 0) return ok("no variable CLIPROXY_… has an unknown name");
  return warn(wrong.join("; "), '"cdx2 help settings" lists the names; an unknown one changes nothing');
}

const SETTING_NAMES = SETTING_KEYS.map((key) => SETTINGS[key].environment);

const PREFIX = "CLIPROXY_";

function isUnknownSetting(name: string): boolean {
  return name.startsWith(PREFIX) && !SETTING_NAMES.includes(name);
}

function wrongName(name: string, place: string): string {
  const meant = nearest(name.slice(PREFIX.length), SETTING_NAMES.map((known) => known.slice(PREFIX.length)));
  return `${name} (in ${place}) is not a setting${meant === undefined ? "" : `; ${PREFIX}${meant} is`}`;
}

function checkTokens({ accounts }: Running, { nowMs }: Facts): Finding {
  const expired = accounts.filter((account) => groupOf(account, nowMs) === "expired").map(({ file }) => file);
  if (expired.length === 0) return ok("no token has expired");
  return warn(`expired: the token of ${listed(expired)}`, LOG_IN_AGAIN);
}

function checkApiKeys(facts: Facts): Finding | undefined {
  const misplaced = misplacedApiKeys(facts);
  return misplaced && warn(`API keys whose requests fail: ${listed(misplaced.files)}`, misplaced.recipe);
}

function checkBind({ service, resolved: { settings } }: Facts): Finding {
  const host = service.kind === "running" ? service.debug.host : settings.host;
  if (isLoopbackHost(host)) return ok(`${host}: only this machine can reach it`);
  return warn(`${host}: ${EXPOSED}`, "bind 127.0.0.1 unless this is meant");
}

function checkFileModes({ modes, resolved: { settings: { authDir } } }: Facts): Finding | undefined {
  if (modes.length === 0) return undefined;
  if (modes.every(({ mode }) => mode === 0)) return skipped("this system has no permission bits");
  const open = modes.filter(({ mode }) => (mode & 0o077) !== 0);
  if (open.length === 0) return ok(`only you can read ${authDir} and the files in it`);
  return warn(
    `other users may open ${listed(open.map(modeText))}`,
    `chmod -R go= ${placesOf(open, authDir)}`,
  );
}

function modeText({ path, mode }: FileMode): string {
  return `${path} (${mode.toString(8).padStart(4, "0")})`;
}

/** The auth dir, and the open files outside of it. */
function placesOf(open: readonly FileMode[], authDir: string): string {
  const isInside = (path: string) => path === authDir || path.startsWith(`${authDir}/`);
  const paths = open.map(({ path }) => isInside(path) ? authDir : path);
  return [...new Set(paths)].map((path) => JSON.stringify(path)).join(" ");
}

function checkUpstream({ upstream, upstreamUrl, env }: Facts): Finding {
  const { host } = new URL(upstreamUrl);
  if (upstream.kind === "answered") {
    const { status, durationMs } = upstream;
    return ok(`${host} answers in ${latencyText(durationMs)} (status ${status}, asked without a key)`);
  }
  const variable = proxyVariable(upstreamUrl, env);
  const way = variable ? `, or the HTTP proxy in ${variable}` : "";
  return fail(`${host} does not answer: ${upstream.reason}`, `look at this machine's network${way}`);
}

function checkHttpProxy({ upstreamUrl, env }: Facts): Finding {
  const { host } = new URL(upstreamUrl);
  const variable = proxyVariable(upstreamUrl, env);
  if (variable === undefined) return ok(`no HTTP proxy between here and ${host}`);
  return ok(`requests to ${host} go through the HTTP proxy in ${variable}, as far as this shell says`);
}

function checkClock({ upstream }: Facts): Finding {
  if (upstream.kind === "failed") {
    return skipped("the upstream does not answer, so there is no time to compare");
  }
  const { aheadMs } = upstream;
  if (aheadMs === undefined) return skipped("the upstream's answer has no date");
  const apart = durationText(Math.abs(aheadMs));
  if (Math.abs(aheadMs) <= MAX_SKEW_MS) return ok(`within ${apart} of the upstream's`);
  const side = aheadMs > 0 ? "behind" : "ahead of";
  return warn(`this machine's clock is ${apart} ${side} the upstream's`, "set the clock, best by NTP");
}

function checkDisk({ freeBytes, resolved: { settings } }: Facts): Finding {
  if (freeBytes === undefined) return skipped("the free space is not known: df does not tell");
  const neededBytes = LOG_FILES * settings.logMaxBytes;
  const figures = `${sizeText(freeBytes)} free, the logs take at most ${sizeText(neededBytes)}`;
  if (freeBytes >= neededBytes) return ok(figures);
  return warn(figures, "make room, or set a lower CLIPROXY_LOG_MAX_MB");
}

/** Whether the user's Codex is one that honours what we give it. */
export function checkCodex({ codex: { command, isNamed, answer } }: Pick<Facts, "codex">): Finding {
  if (answer === undefined) {
    if (isNamed) return warn(`cannot run ${command}`, "fix CDX2_CODEX_BIN");
    return skipped(`there is no ${command} on the PATH; other clients do not need it`);
  }
  const version = /\d+\.\d+\.\S+/.exec(answer)?.[0];
  if (version === undefined) return skipped(`${command} does not say its version`);
  if (MEASURED_CODEX.test(version)) return ok(`Codex ${version}: it honours what "cdx2 codex" injects`);
  return skipped(`Codex ${version}: not measured whether it honours what "cdx2 codex" injects; 0.169 does`);
}

function whenRunning(
  facts: Facts,
  check: (running: Running, facts: Facts) => Finding | undefined,
): Finding | undefined {
  return facts.service.kind === "running" ? check(facts.service, facts) : undefined;
}
