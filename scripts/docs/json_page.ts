/**
 * docs/json.md: every field of every JSON output, from the declarations that the outputs are checked against.
 * @module
 */

import { EVENTS } from "../../src/api/events.ts";
import type { Field, JsonType } from "../../src/api/json_types.ts";
import { type FieldRow, fieldRows, fieldsOf } from "./json_fields.ts";
import { COMMANDS, ENDPOINTS, EXTENDS, type Heading, OUTPUTS, SHAPES } from "./json_outputs.ts";
import { code, table } from "./markdown.ts";

/** The whole page. */
export function jsonPage(): string {
  return `# JSON: every field of every output

What \`--json\` prints and what the management endpoints answer. Fields may be added in later versions, never renamed or
dropped, and a text that is one of a few may be a new one, so a script should read the fields that it needs and ignore the
rest. \`null\` means that there is nothing to tell. Times are ISO 8601 in UTC unless the table says otherwise. No output
ever holds a token or the management key.

A command that fails with \`--json\` prints \`{"ok":false,"error":{"code","message","hint"}}\` on standard output, beside
the text on standard error. \`code\` is \`wrong_usage\` (a command line or a setting, exit code 2), \`failed\`, \`file\`,
\`not_found\` or \`not_executable\` (a program), or \`internal\` (a bug); \`hint\` may be null.

The declarations in \`src/api/\` and beside the commands say the same for programs. Tests compare the outputs of the real
program with them, field for field.

## Commands

${table(["Command", "Prints"], COMMAND_ROWS)}

${sections(COMMANDS, code)}

## Endpoints

All of them need the header \`X-Management-Key\`, but for \`GET /cdx2/client\`, which asks for the key of a client where
requests do.

${sections(ENDPOINTS, (heading) => heading.includes("/") ? code(heading) : heading)}

### \`GET /metrics\`

Prometheus text, not JSON: see metrics.md.

## Shapes

${sections(SHAPES, (heading) => heading)}

### Fields by event

A field that an event does not always have is in parentheses.

${table(["Event", "Its own fields", "Says"], Object.entries(EVENTS).map(eventRow))}

### Fields of events

${table(["Event", "Field", "Type", "Meaning"], eventFieldRows())}

This page is generated from the declarations by \`deno run -A scripts/docs.ts\`.
`;
}

const COMMAND_ROWS: readonly (readonly [command: string, prints: string])[] = [
  ["`cdx2 status --json`", "[status](#status)"],
  ["`cdx2 proxy --json`", "what [GET /debug](#get-debug) answers"],
  ["`cdx2 stop --json`", "[stop](#stop)"],
  ["`cdx2 doctor --json`", "[doctor](#doctor)"],
  ["`cdx2 doctor --replay FILE --json`", "[doctor --replay](#doctor---replay)"],
  ["`cdx2 reset --json`", "what [POST /reset](#post-reset) answers"],
  ["`cdx2 all --json`", "[all](#all)"],
  [
    "`cdx2 usage --json`",
    "what [GET /usage](#get-usage) answers, with the names of the keys as they are in the folder",
  ],
  ["`cdx2 usage --pool --json`", "what [GET /pool-usage](#get-pool-usage) answers"],
  ["`cdx2 trace --json`", "an [Attempt](#attempt) a line"],
  ["`cdx2 logs --json`", "an [Event](#event) a line"],
  ["`cdx2 auth list --json`", "[auth list](#auth-list)"],
  ["`cdx2 auth import --json`", "[auth import](#auth-import)"],
  ["`cdx2 auth login --json`", "[auth login](#auth-login)"],
  ["`cdx2 auth remove --json`", "[auth remove](#auth-remove)"],
  ["`cdx2 auth disable --json`, `auth enable`, `auth priority`", "[auth disable](#auth-disable)"],
  ["`cdx2 auth rename --json`", "[auth rename](#auth-rename)"],
  ["`cdx2 clients add --json`", "[clients add](#clients-add)"],
  ["`cdx2 clients list --json`", "[clients list](#clients-list)"],
  ["`cdx2 clients remove --json`", "[clients remove](#clients-remove)"],
];

/** What a section says before its table. */
const INTRODUCTIONS: Readonly<Partial<Record<Heading, string>>> = {
  "status": "What only the running proxy knows is null when it does not answer.",
  "auth login": "The fields of the new [Auth file](#auth-file), and:",
  "auth import": "The fields of the new [Auth file](#auth-file), and:",
  "GET /health": "With `?refresh=1` the proxy reads the auth dir again first.",
  "GET /trace":
    "`?limit=200` gives the newest attempts; `?after=ID` those after the attempt with this id. With " +
    "`&wait=SECONDS` (at most 30) the proxy waits for the next one when there is none.",
  "GET /usage":
    "`?days=7` (1 to 90, today included) and `?by=key`, `model`, `day`, `session` or `client`. A key whose name holds an " +
    "e-mail address is named as in metrics.md.",
  "GET /pool-usage":
    "`?days=7` (1 to 90, today included) and `?by=key`, `day` or `member`. 503 where there is no shared pool, or its server " +
    "cannot be asked.",
  "GET /cdx2/client": "What a client may know of the proxy. It tells no name of a key.",
  "POST /pool-home": "`?name=FILE` says which key, `?force=1` passes over a home that is off.",
  "POST /reset": "`?name=FILE` and `?state=blacklist`, `cooldown` or `probation` narrow it.",
  "Management errors":
    "401 without the key, 405 with another method than the endpoint's, 400 with a parameter that is not allowed.",
  "Refusals": "What a client gets when the proxy itself answers its request.",
  "Examined account": "The fields of an [Account](#account), and:",
  "Event": "A line of `rr_proxy_v2.events.jsonl`. The fields that only some events have are listed below.",
};

function sections(headings: object, titleOf: (heading: string) => string): string {
  return (Object.keys(headings) as Heading[]).map((heading) => {
    const introduction = INTRODUCTIONS[heading];
    const parts = [`### ${titleOf(heading)}`, ...(introduction ? [introduction] : []), fieldTable(heading)];
    return parts.join("\n\n");
  }).join("\n\n");
}

function fieldTable(heading: Heading): string {
  const base = EXTENDS[heading];
  const known = base === undefined ? [] : fieldRows(OUTPUTS[base]).map(({ path }) => path);
  const rows = fieldRows(OUTPUTS[heading]).filter(({ path }) => !known.includes(path));
  return table(["Field", "Type", "Meaning"], rows.map(cellsOf));
}

function cellsOf({ path, type, meaning }: FieldRow): readonly string[] {
  return [code(path), type, meaning];
}

type EventRow = (typeof EVENTS)[keyof typeof EVENTS];

function eventRow([name, { says, forms }]: readonly [name: string, event: EventRow]): readonly string[] {
  const fields = [...new Set(forms.flatMap((form) => Object.keys(fieldsOf(form))))];
  const isSure = (field: string) => forms.every((form: JsonType) => isAlways(fieldsOf(form)[field]));
  return [
    code(name),
    fields.map((field) => isSure(field) ? code(field) : `(${code(field)})`).join(" "),
    says,
  ];
}

function isAlways(field: Field | undefined): boolean {
  return field !== undefined && field.type.form.kind !== "optional";
}

/** The fields of each event; events with the same fields share their rows. Those of an attempt have a section. */
function eventFieldRows(): readonly (readonly string[])[] {
  const namesByForms = new Map<string, { names: string[]; rows: readonly FieldRow[] }>();
  for (const [name, { forms }] of Object.entries(EVENTS)) {
    if (name === "proxy.request") continue;
    const rows = forms.flatMap((form) => fieldRows(form));
    const key = JSON.stringify(rows);
    const shared = namesByForms.get(key);
    if (shared) shared.names.push(name);
    else namesByForms.set(key, { names: [name], rows });
  }
  return [...namesByForms.values()].flatMap(({ names, rows }) =>
    rows.map((row) => [names.map(code).join(" "), ...cellsOf(row)])
  );
}
