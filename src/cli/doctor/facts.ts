/**
 * What `cdx2 doctor` knows before it judges: what the running proxy says, what stands on the disk, and what was
 * tried out. Gathered in gather.ts; everything after that is decided from these values alone.
 * @module
 */

import type { ResolvedSettings } from "../../config/settings.ts";
import type { AuthFile } from "../../api/auth_files.ts";
import type { Debug } from "../../api/debug.ts";
import type { Received } from "../../api/received.ts";
import type { Environment } from "../../system/process.ts";
import type { Account } from "./account.ts";

export interface Facts {
  readonly nowMs: number;
  /** Of this program. */
  readonly version: string;
  readonly resolved: ResolvedSettings;
  readonly env: Environment;
  readonly service: Service;
  readonly disk: Disk;
  readonly modes: readonly FileMode[];
  /** Of the file system that holds the auth dir; absent when the system does not tell. */
  readonly freeBytes: number | undefined;
  /** The URL that was tried, without credentials in it. */
  readonly upstreamUrl: string;
  readonly upstream: UpstreamTrial;
  readonly codex: CodexTrial;
}

export type Service =
  | {
    readonly kind: "running";
    readonly debug: Received<Debug>;
    /** What the proxy says: it has a key for a request. */
    readonly isUsable: boolean;
    readonly accounts: readonly Account[];
    readonly files: readonly AuthFile[];
  }
  /** It could not be asked. `reason` is what to tell, `hint` what to do. */
  | { readonly kind: "unasked"; readonly reason: string; readonly hint: string | null };

export type Disk =
  | { readonly kind: "read"; readonly files: readonly AuthFile[] }
  | { readonly kind: "unreadable"; readonly reason: string };

export interface FileMode {
  readonly path: string;
  /** Permission bits; 0 on a system that has none. */
  readonly mode: number;
}

export type UpstreamTrial =
  | {
    readonly kind: "answered";
    readonly status: number;
    readonly durationMs: number;
    /** How far the upstream's clock is ahead of ours; absent when its answer had no date. */
    readonly aheadMs: number | undefined;
  }
  | { readonly kind: "failed"; readonly reason: string };

export interface CodexTrial {
  readonly command: string;
  /** It is the one that CDX2_CODEX_BIN names. */
  readonly isNamed: boolean;
  /** What `--version` printed; absent when it could not be run. */
  readonly answer: string | undefined;
}
