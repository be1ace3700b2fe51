/**
 * What `cdx2 doctor` knows before it judges: what the running proxy says, what is on the disk, and the results of a few
 * trials. gather.ts collects it; the diagnosis is made from these values alone.
 * @module
 */

import type { ResolvedSettings } from "../../config/settings.ts";
import type { AuthFile } from "../../api/auth_files.ts";
import type { Debug } from "../../api/debug.ts";
import type { Received } from "../../api/received.ts";
import type { Environment } from "../../system/process.ts";
import type { RenewalStanding } from "../../credentials/renewal_standing.ts";
import type { Account } from "../../api/account.ts";

/** All that was collected. */
export interface Facts {
  readonly nowMs: number;
  /** The version of this program. */
  readonly version: string;
  readonly resolved: ResolvedSettings;
  readonly env: Environment;
  /** The names that `.env` sets. */
  readonly envFileNames: readonly string[];
  readonly service: Service;
  readonly disk: Disk;
  readonly modes: readonly FileMode[];
  /** Free space of the file system that holds the auth dir; `undefined` when the system does not tell. */
  readonly freeBytes: number | undefined;
  /** The URL that was tried, without credentials in it. */
  readonly upstreamUrl: string;
  readonly upstream: UpstreamTrial;
  readonly codex: CodexTrial;
  readonly codexRouting: CodexRouting;
  /** Who renews the keys. */
  readonly renewals: readonly RenewalStanding[];
}

/** The running proxy. */
export type Service =
  | {
    readonly kind: "running";
    readonly debug: Received<Debug>;
    /** What the proxy says: it has a key for a request. */
    readonly isUsable: boolean;
    readonly accounts: readonly Account[];
    readonly files: readonly AuthFile[];
  }
  /** It could not be asked. `hint` says what the user can do. */
  | {
    readonly kind: "unasked";
    readonly reason: string;
    readonly hint: string | null;
    /** Those of the auth dir, with the penalties that the last run saved. */
    readonly accounts: readonly Account[];
  };

/** The auth dir as it is on the disk. */
export type Disk =
  | { readonly kind: "read"; readonly files: readonly AuthFile[] }
  | { readonly kind: "unreadable"; readonly reason: string };

/** Who may open a file or folder. */
export interface FileMode {
  readonly path: string;
  /** Permission bits; 0 on a system that has none. */
  readonly mode: number;
}

/** What came of one request to the upstream without a key. */
export type UpstreamTrial =
  | {
    readonly kind: "answered";
    readonly status: number;
    readonly durationMs: number;
    /** How far the upstream's clock is ahead of ours; `undefined` when its answer had no date. */
    readonly aheadMs: number | undefined;
  }
  | { readonly kind: "failed"; readonly reason: string };

/** What came of asking Codex for its version. */
export interface CodexTrial {
  readonly command: string;
  /** Whether CDX2_CODEX_BIN names it. */
  readonly isNamed: boolean;
  /** What `--version` printed; `undefined` when it could not be run. */
  readonly answer: string | undefined;
}

/** Where Codex's own settings send it. */
export interface CodexRouting {
  /** Codex's file of settings. */
  readonly path: string;
  /** To ports of this machine; empty when nothing routes Codex for good. */
  readonly routes: readonly {
    readonly port: number;
    /** The process of this user that listens there; `undefined` when there is none, or the system does not tell. */
    readonly listener: number | undefined;
  }[];
}
