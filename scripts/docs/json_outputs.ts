/**
 * Every JSON output of the program with its type, under the headings of docs/json.md. The contract tests compare real
 * outputs with the same list.
 * @module
 */

import { pool } from "../../src/cli/pool/page.ts";
import { authFile, authFiles } from "../../src/api/auth_files.ts";
import { debug } from "../../src/api/debug.ts";
import { managementError } from "../../src/api/error.ts";
import { eventLine } from "../../src/api/events.ts";
import { account, health } from "../../src/api/health.ts";
import { clientPage } from "../../src/api/client_page.ts";
import { refusalBody } from "../../src/api/refusal.ts";
import type { JsonType } from "../../src/api/json_types.ts";
import { renewal, renewals } from "../../src/api/renewals.ts";
import { poolHome } from "../../src/api/pool_home.ts";
import { reset } from "../../src/api/reset.ts";
import { setting } from "../../src/api/setting.ts";
import { shutdown } from "../../src/api/shutdown.ts";
import { trace, traceRow } from "../../src/api/trace.ts";
import { poolUsage } from "../../src/api/pool_usage.ts";
import { usage, usageRow } from "../../src/api/usage.ts";
import { dashboard, usageWindow } from "../../src/cli/all/page.ts";
import {
  authImport,
  authList,
  authLogin,
  authMigrate,
  authRemove,
  authRename,
  authSwitch,
} from "../../src/cli/auth/pages.ts";
import { clientsAdd, clientsList, clientsRemove } from "../../src/cli/clients/pages.ts";
import { doctor, examinedAccount } from "../../src/cli/doctor/page.ts";
import { replayReport, tally } from "../../src/cli/doctor/replay_page.ts";
import { serviceState } from "../../src/cli/service_command/pages.ts";
import { setupCodex } from "../../src/cli/setup/pages.ts";
import { stop } from "../../src/cli/stop/page.ts";
import { versionPage } from "../../src/cli/version_command/page.ts";
import { status } from "../../src/runtime/status_page.ts";

/** What commands print with `--json` and no endpoint answers, by the command. */
export const COMMANDS = {
  "status": status,
  "stop": stop,
  "doctor": doctor,
  "doctor --replay": replayReport,
  "all": dashboard,
  "auth list": authList,
  "auth import": authImport,
  "auth login": authLogin,
  "auth remove": authRemove,
  "auth refresh": renewals,
  "auth disable": authSwitch,
  "auth rename": authRename,
  "auth migrate": authMigrate,
  "setup codex": setupCodex,
  "service status": serviceState,
  "version": versionPage,
  "pool": pool,
  "clients add": clientsAdd,
  "clients list": clientsList,
  "clients remove": clientsRemove,
} as const;

/** What the endpoints answer, by method and path, and the two kinds of errors. */
export const ENDPOINTS = {
  "GET /debug": debug,
  "GET /health": health,
  "GET /trace": trace,
  "GET /auth-files": authFiles,
  "GET /usage": usage,
  "GET /pool-usage": poolUsage,
  "POST /reset": reset,
  "POST /pool-home": poolHome,
  "POST /shutdown": shutdown,
  "GET /cdx2/client": clientPage,
  "Management errors": managementError,
  "Refusals": refusalBody,
} as const;

/** Parts of these, explained once. */
export const SHAPES = {
  "Tally": tally,
  "Setting": setting,
  "Account": account,
  "Examined account": examinedAccount,
  "Attempt": traceRow,
  "Auth file": authFile,
  "Usage row": usageRow,
  "Window": usageWindow,
  "Event": eventLine,
  "Renewal": renewal,
} as const;

/** All of them. */
export const OUTPUTS = { ...COMMANDS, ...ENDPOINTS, ...SHAPES };
/** A heading of docs/json.md with a table of fields. */
export type Heading = keyof typeof OUTPUTS;

/** Those with the fields of another shape, and more. Only what they add is listed. */
export const EXTENDS: Readonly<Partial<Record<Heading, Heading>>> = {
  "Examined account": "Account",
  "auth import": "Auth file",
  "auth login": "Auth file",
};

/** The names of the shapes, for links to them. */
export const NAMES: ReadonlyMap<JsonType, string> = new Map(
  Object.entries(SHAPES).map(([name, type]) => [type, name]),
);
