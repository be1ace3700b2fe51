/**
 * Writes the pages of docs/ that are made from code: `deno run -A scripts/docs.ts`. With `--check` it writes
 * nothing and fails when a page is not what the code says.
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { GROUPED_KEYS, SETTINGS } from "../src/config/settings_table.ts";
import { cliPage } from "./docs/cli_page.ts";
import { jsonPage } from "./docs/json_page.ts";
import { code, table } from "./docs/markdown.ts";
import { metricsPage } from "./docs/metrics_page.ts";

interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly render: () => string | Promise<string>;
}

const PAGES: readonly Page[] = [
  { path: "docs/cli.md", render: cliPage },
  { path: "docs/configuration.md", render: configurationPage },
  { path: "docs/json.md", render: jsonPage },
  { path: "docs/metrics.md", render: metricsPage },
];

function configurationPage(): string {
  return `# Configuration

\`cdx2\` looks for a setting in four places, and the first that has it wins: the flag, the environment, the env file
(\`.env\` in the auth dir), the default. In the environment and in the env file an empty value counts as unset.
\`CLIPROXY_AUTH_DIR\` and \`CLIPROXY_ENV_FILE\` do not work in the env file, because they say where it is.

A value that is not allowed is never replaced by another: the command ends with exit code 2 and a message that
names the setting, the value, where it came from and what is allowed. \`cdx2 status --json\` shows each value with
its source, and \`cdx2 doctor\` the rotation policy in sentences.

${GROUPED_KEYS.map(([group, keys]) => settingsSection(group, keys)).join("\n\n")}

This page is generated from \`src/config/settings_table.ts\` and \`src/config/policy.ts\` by
\`deno run -A scripts/docs.ts\`.
`;
}

function settingsSection(group: string, keys: readonly (keyof typeof SETTINGS)[]): string {
  const title = group.charAt(0).toUpperCase() + group.slice(1);
  const head = ["Setting", "Flag", "Environment", "Default", "Allowed", "Meaning"];
  return `## ${title}\n\n${table(head, keys.map(settingRow))}`;
}

function settingRow(key: keyof typeof SETTINGS): readonly string[] {
  const row = SETTINGS[key];
  return [
    code(row.name),
    row.flag ? code(row.flag) : "",
    code(row.environment),
    row.default ? code(row.default) : "none",
    row.allowed,
    row.doc,
  ];
}

/** Writes the pages that are stale; with `onlyCheck` names them instead, and the script fails. */
async function update(onlyCheck: boolean): Promise<void> {
  const root = new URL("../", import.meta.url);
  for (const { path, render } of PAGES) {
    const file = new URL(path, root);
    const text = await render();
    const isFresh = await Deno.readTextFile(file).then((found) => found === text, () => false);
    if (isFresh) continue;
    if (onlyCheck) {
      console.error(
        `${path} is not what the code says\nhint: run "deno run -A scripts/docs.ts" and commit the page`,
      );
      Deno.exitCode = 1;
    } else {
      await Deno.writeTextFile(file, text);
      console.log(`wrote ${path}`);
    }
  }
}

if (import.meta.main) await update(Deno.args.includes("--check"));
