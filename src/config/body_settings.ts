/**
 * The settings about the bodies of requests: how large they may be, alone and together, and how slow. Part of the table of
 * settings.
 * @module
 */

import type { Setting } from "./setting.ts";
import { mebibytes, seconds } from "./setting_kinds.ts";

/** What the settings about request bodies say. */
export interface BodySettings {
  /** The largest request body that is forwarded. */
  readonly maxBodyBytes: number;
  /** The largest size of all request bodies in memory together; one body is always allowed. */
  readonly bodyMemoryBytes: number;
  /** The maximum silence of a client within the body of its request. */
  readonly bodyIdleTimeoutMs: number;
}

const DAY_S = 24 * 60 * 60;

/** One row for each field of {@link BodySettings}. */
export const BODY_SETTINGS: { readonly [Key in keyof BodySettings]: Setting<BodySettings[Key]> } = {
  maxBodyBytes: {
    name: "body_limit_mb",
    flag: undefined,
    environment: "CLIPROXY_BODY_LIMIT_MB",
    default: "64",
    group: "limits and timeouts",
    ...mebibytes(1, 1024),
    doc: "The largest request body. A larger one is answered with status 413.",
  },
  bodyMemoryBytes: {
    name: "body_memory_mb",
    flag: undefined,
    environment: "CLIPROXY_BODY_MEMORY_MB",
    default: "512",
    group: "limits and timeouts",
    ...mebibytes(1, 1024 * 1024),
    doc:
      "How much memory all request bodies may take together; at least as much as one body is always allowed. Beyond it " +
      "requests wait for up to 10 s and are then answered with status 503.",
  },
  bodyIdleTimeoutMs: {
    name: "body_idle_timeout_seconds",
    flag: undefined,
    environment: "CLIPROXY_BODY_IDLE_TIMEOUT_SECONDS",
    default: "60",
    group: "limits and timeouts",
    ...seconds(0.05, DAY_S),
    doc:
      "How long a client may be silent within the body of its request, and how long the head of a request may take; then it is answered with status 408.",
  },
};
