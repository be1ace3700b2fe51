/**
 * The map of the house: its rooms in their order, and the files that only decide. The checks on imports read it.
 * @module
 */

/** The rooms under src/, lowest first: each may import itself and the ones before it. */
export const ROOMS: readonly string[] = [
  "values",
  "system",
  "screen",
  "config",
  "auth",
  "keyring",
  "credentials",
  "api",
  "observability",
  "fleet",
  "upstream",
  "proxy",
  "codex",
  "replay",
  "runtime",
  "cli",
];

/** From a file or folder, to a file or folder that its room may not import. */
export const IMPORT_EXCEPTIONS: readonly { from: string; to: string; reason: string }[] = [];

/** They decide and do nothing else: they are handed what they need, and import src/system/ only as types. */
export const PURE_FILES: readonly string[] = [
  ..."bytes byte_search header_pairs json json_bytes quoted_words nearest secret user_error".split(" ").map((
    name,
  ) => `src/values/${name}.ts`),
  ..."record same_account key_state trials outcome key_table pool_entry pending_renewals rotation choice turns storm shared_key key_sharing affinity recent_map name_hash limits usage folder_plan auth_file_edit kept_tokens"
    .split(" ").map(
      (name) => `src/auth/${name}.ts`,
    ),
  ..."held_login login_claim renewal_standing renewal_due renewal_mark renewable renewal_answer renewal_queue renewal_plan renewal_text"
    .split(" ").map((name) => `src/credentials/${name}.ts`),
  "src/fleet/replica.ts",
  ..."upstream headers kept_bytes repeated_name json_outline classify subject reset_time error_details window_readings stream_judge token_counts event_reader trial"
    .split(" ").map((name) => `src/upstream/${name}.ts`),
  ..."rules step request_choice key_lines guard lookalike cross_origin state_ids ws_frame ws_step".split(" ")
    .map((name) => `src/proxy/${name}.ts`),
  ..."event_queue history recorded_upstream recording replay".split(" ").map((name) =>
    `src/replay/${name}.ts`
  ),
  ..."cells table screen_diff".split(" ").map((name) => `src/screen/${name}.ts`),
  "src/observability/tui.ts",
  ..."state traffic filter data facts words columns details pages view".split(" ").map((name) =>
    `src/observability/tui/${name}.ts`
  ),
  ..."plan process_record field_names state_file saved_key affinity_file".split(" ").map((name) =>
    `src/runtime/${name}.ts`
  ),
  "src/cli/all/dashboard.ts",
];

/** `auth` for `src/auth/store.ts`; empty for a file outside of src/. */
export function roomOf(path: string): string {
  return /^src\/([^/]+)/.exec(path)?.[1] ?? "";
}
