// The screens in docs/: each block after a line `<!-- screen NAME -->` is what the program draws of the data below.
// `UPDATE_SCREENS=1 deno test -A tests/cli/screens_test.ts` writes them again.

import assert from "node:assert/strict";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { renderBrief } from "../../src/cli/all/brief.ts";
import { paletteOf } from "../../src/screen/palette.ts";
import { renderCards } from "../../src/cli/all/cards.ts";
import { type AskedKey, dashboardView } from "../../src/cli/all/dashboard.ts";
import { poolFigures } from "../../src/api/pool_figures.ts";
import { poolLine } from "../../src/cli/all/line.ts";
import { allCommands } from "../../src/cli/commands.ts";
import { diagnose } from "../../src/cli/doctor/diagnosis.ts";
import { diagnosisText } from "../../src/cli/doctor/text.ts";
import { commandTree } from "../../src/cli/main.ts";
import { renderUsage } from "../../src/cli/usage/text.ts";
import { tuiAfter } from "../../src/observability/tui.ts";
import { type AttemptRow } from "../../src/observability/tui/data.ts";
import { initialTui, type TuiEvent } from "../../src/observability/tui/state.ts";
import { frame } from "../../src/observability/tui/view.ts";
import { cellsOf } from "../../src/screen/cells.ts";
import { anAskedKey, noAnswer } from "../support/asked_keys.ts";
import { aKeyRow, anAnswer, anAttemptRow } from "../support/attempts.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { poolExhausted, type PoolExhaustion } from "../../src/proxy/exhaustion.ts";
import { aRecord, aVerdict, POLICY, SECOND, T0 } from "../support/builders.ts";
import { someFacts } from "../support/doctor_facts.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";
import { anAccountOf } from "../support/pages.ts";
import { aUsage, aUsageRow } from "../support/usage.ts";

const palette = paletteOf(false);
/** In the local time zone, so that the screens are the same everywhere. */
const NOW_MS = new Date(2026, 10, 26, 21, 46, 40).getTime();

const MODELS = ["gpt-5.6-sol", "gpt-5.5"];
const FILES = ["spare.json", "work.json"];

/** As long as a real one. */
function requestId(index: number): string {
  return `req_${((index + 1) * 2_654_435_761 % 2 ** 32).toString(16).padStart(8, "0")}4be3855431b8`;
}

function row(index: number, over: Partial<AttemptRow>): AttemptRow {
  return anAttemptRow({
    requestId: requestId(index),
    file: FILES[index % 2]!,
    model: MODELS[index % 3 === 0 ? 0 : 1]!,
    streamEnd: "completed",
    tokens: { input: 9000, cached: 8000, output: 310 + 427 * (index % 5) },
    ...over,
  });
}

const NO_TOKENS = { input: undefined, cached: undefined, output: undefined };

/** A view of this size: six requests are running, one was limited and tried again. */
function trace(columns: number, rows: number): string {
  const running = [0, 1, 2, 3, 4, 5].map((index) =>
    row(index, {
      phase: index % 4 === 1 ? "sent" : "streaming",
      id: 0,
      status: undefined,
      latencyMs: 0,
      outcome: "",
      atMs: NOW_MS - (12 - 2 * index) * SECOND,
      tokens: index % 4 === 1 ? NO_TOKENS : { ...NO_TOKENS, output: 40 * (6 - index) },
    })
  );
  const ended = Array.from({ length: 12 }, (_, index) =>
    row(20 + index, {
      id: index + 1,
      atMs: NOW_MS - (58 - 5 * index) * SECOND,
      latencyMs: 4100 + 613 * (index % 6),
      number: index === 9 ? 2 : 1,
      ...(index === 8
        ? {
          requestId: requestId(29),
          status: 429,
          latencyMs: 104,
          file: "home.json",
          outcome: "rate_limited",
          error: "usage_limit_reached",
          streamEnd: "",
          tokens: NO_TOKENS,
        }
        : {}),
    }));
  const others = [13, 14, 15].map((id) =>
    row(40 + id, { id, atMs: NOW_MS - SECOND, route: "models", path: "/v1/models" })
  );
  const keys = [
    aKeyRow({ file: "work.json" }),
    aKeyRow({ file: "spare.json" }),
    aKeyRow({ file: "home.json", state: "cooldown", reason: "usage_limit_reached" }),
    aKeyRow({ file: "dead.json", state: "blacklisted", reason: "token_revoked" }),
  ];
  const events: TuiEvent[] = [anAnswer([...ended, ...others], { running }), { kind: "keys", keys }];
  const state = events.reduce(
    (so, event) => tuiAfter(so, event, NOW_MS),
    initialTui({ columns, rows }),
  );
  return frame(state, { nowMs: NOW_MS, palette }).join("\n");
}

const POOL: readonly AskedKey[] = (
  [
    ["spare", [20, 27], [698, 97_200]],
    ["work", [0, 5], [600, 88_080]],
    ["team", [40, 49], [2698, 108_000]],
    ["lab", [50, 60], [3660, 111_600]],
    ["old", [71, 71], [4680, 115_200]],
    ["mike", [80, 82], [5640, 122_400]],
    ["home", [100, 40], [1698, 88_080]],
  ] as const
).map(([name, used, resets]) => {
  const key = anAskedKey(name, { used: [...used], resets: [...resets], usage: { planType: "plus" } });
  return { ...key, record: named(name) };
});

function named(name: string) {
  return aRecord(name, { file: `${name}.json`, email: `${name}@example.com` });
}

const DASHBOARD = dashboardView(
  [...POOL, { ...noAnswer("dead", "token rejected (401)"), record: named("dead") }],
  { thresholds: { warn_at: 70, cooldown_at: 90, only: "both" }, nowMs: T0 },
);

function usage(columns: number): string {
  const rows = [
    aUsageRow(),
    aUsageRow({ name: "spare.json", input_tokens: 12_400_000, output_tokens: 310_000, requests: 388 }),
    aUsageRow({ name: "home.json", input_tokens: 4_100_000, output_tokens: 96_000, requests: 121 }),
  ];
  const sum = (name: "input_tokens" | "output_tokens" | "requests" | "failed") =>
    rows.reduce((so, row) => so + row[name], 0);
  const total = {
    ...aUsage({}).total,
    input_tokens: sum("input_tokens"),
    output_tokens: sum("output_tokens"),
    requests: sum("requests"),
    failed: sum("failed"),
  };
  return renderUsage(aUsage({ rows, total }), { columns, palette });
}

function line(): string {
  const windows = (used: readonly number[]) =>
    used.map((used_percent, index) => ({
      limit: "codex",
      limit_window_seconds: [18_000, 604_800][index],
      used_percent,
      reset_at: new Date(T0 + 60 * SECOND).toISOString(),
    }));
  const accounts = POOL.map(({ record: { file }, answer }) => {
    const used = answer.kind === "usage" ? answer.usage.windows.map(({ usedPercent }) => usedPercent) : [];
    return anAccountOf({ file, status: "OK", usage: { windows: windows(used) } });
  });
  return poolLine(poolFigures(accounts, T0));
}

/** `cdx2 doctor` where there is neither a key nor a proxy. */
function doctorOfEmptyHome(columns: number): string {
  const service = {
    kind: "unasked",
    reason: "The proxy is not running",
    hint: 'start it with "cdx2 proxy"',
    accounts: [],
  } as const;
  const facts = someFacts({ service, disk: { kind: "read", files: [] } });
  return diagnosisText(diagnose(facts), { width: columns, palette });
}

/** What Codex shows when no key can serve: the text of a 400. */
function noUsableKey(): string {
  const pool = new KeyPool(POLICY, () => {});
  const codes = { work: "token_revoked", spare: "account_deactivated", home: "http_403" };
  const off = aRecord("old", { isDisabled: true });
  pool.merge([...Object.keys(codes).map((name) => aRecord(name)), off], T0);
  for (const [name, code] of Object.entries(codes)) {
    const verdict = aVerdict({ kind: "auth_rejected", code }, T0, { status: 401, requestId: "req_1" });
    pool.apply({ record: aRecord(name), startedMs: T0 }, verdict);
  }
  const exhaustion: PoolExhaustion = {
    reports: pool.describe(T0),
    bound: undefined,
    mainOnly: false,
    model: undefined,
    refused: new Map(),
    authDir: "/keys",
    isCodex: true,
  };
  return poolExhausted(exhaustion, T0).plain!;
}

const COMMANDS = await allCommands();

/** The help of a command, `cdx2` itself without words. */
function help(columns: number, ...words: readonly string[]): string {
  const terminal = new FakeTerminal();
  const tree: CommandUnknownOpts = commandTree(terminal, COMMANDS, () => {});
  const command = words.reduce((so, word) => so.commands.find((one) => one.name() === word)!, tree);
  command.configureOutput({ getOutHelpWidth: () => columns, writeOut: (text) => terminal.out(text) });
  command.outputHelp();
  return terminal.outText;
}

const SIZES = [[80, 24], [60, 20], [140, 40]] as const;

/** The screens of docs/screens.md. */
const ALL_SIZES = SIZES.flatMap(([columns, rows]) => {
  const drawn: readonly (readonly [name: string, text: string])[] = [
    ["trace", trace(columns, rows)],
    ["all", allAt(columns, rows)],
    ["all --brief", renderBrief(DASHBOARD, { columns, palette })],
    ["all --line", line()],
    ["usage", usage(columns)],
    ["doctor", doctorOfEmptyHome(columns)],
    ["help", help(columns)],
    ["help all", help(columns, "all")],
  ];
  return drawn.map(([name, text]) => ["screens.md", `${name} ${columns}x${rows}`, text, columns] as const);
});

/** As `cdx2 all` draws it: cards where they fit above the prompt. */
function allAt(columns: number, rows: number): string {
  const cards = renderCards(DASHBOARD, { columns, palette });
  return cards.split("\n").length <= rows ? cards : renderBrief(DASHBOARD, { columns, palette });
}

/** `NAME COLUMNSxROWS` and what is drawn at that size. */
const SCREENS: readonly (readonly [page: string, name: string, text: string, columns: number])[] = [
  ["trace.md", "trace 80x24", trace(80, 24), 80],
  ["trace.md", "trace 60x20", trace(60, 20), 60],
  ["trace.md", "trace 140x24", trace(140, 24), 140],
  ["all.md", "all 80x24", renderCards(DASHBOARD, { columns: 80, palette }), 80],
  ["all.md", "all 60x20", renderBrief(DASHBOARD, { columns: 60, palette }), 60],
  ["usage.md", "usage 80x24", usage(80), 80],
  ["usage.md", "usage 60x20", usage(60), 60],
  ["screens.md", "codex", noUsableKey(), 110],
  ...ALL_SIZES,
];

const FENCE = "```";

function blockOf(name: string): RegExp {
  return new RegExp(`(<!-- screen ${name} -->\\n\\n${FENCE}text\\n)([^]*?)(\\n${FENCE}\\n)`);
}

function trimmed(text: string): string {
  return text.split("\n").map((line) => line.trimEnd()).join("\n").trimEnd();
}

for (const [page, name, text, columns] of SCREENS) {
  Deno.test(`docs/${page} shows ${name} as it is`, async () => {
    assert.ok(text.split("\n").every((line) => cellsOf(line) <= columns), text);
    const url = new URL(`../../docs/${page}`, import.meta.url);
    const shown = await Deno.readTextFile(url);
    const block = blockOf(name);
    assert.match(shown, block);
    if (Deno.env.get("UPDATE_SCREENS")) {
      await Deno.writeTextFile(url, shown.replace(block, (_, a, _b, c) => a + trimmed(text) + c));
    } else {
      assert.equal(block.exec(shown)![2], trimmed(text));
    }
  });
}
