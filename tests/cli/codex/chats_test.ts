import assert from "node:assert/strict";
import { chatById, latestOfAnother } from "../../../src/cli/codex/chats.ts";
import { MemoryFiles } from "../../support/memory_files.ts";

// 2026-11-26T04:17:25Z
const ID = "01a21612-9013-7310-b034-837b8e51a63e";
const ROOT = "/home/ann/.codex/sessions";

function aWorld(files: Record<string, string>) {
  return { files: new MemoryFiles(files), env: {}, homeFolder: "/home/ann" };
}

function aRollout(id: string, day: string): string {
  return `${ROOT}/${day}/rollout-${day.replaceAll("/", "-")}T04-17-25-${id}.jsonl`;
}

function lines(payload: object): string {
  const meta = { timestamp: "2026-11-26T04:17:25.513Z", type: "session_meta", payload };
  return `${JSON.stringify(meta)}\n${JSON.stringify({ payload: { model_provider: "of a later line" } })}\n`;
}

const OTHERS_TEXT = { base_instructions: { text: 'say "model_provider":"of a text", "source":{' } };

const CHATS: [what: string, files: Record<string, string>, provider: string | undefined][] = [
  ["on its day", {
    [aRollout(ID, "2026/11/26")]: lines({ id: ID, ...OTHERS_TEXT, source: "cli", model_provider: "cdx2" }),
  }, "cdx2"],
  [
    "on the day before, west of Greenwich",
    { [aRollout(ID, "2026/11/25")]: lines({ model_provider: "lab" }) },
    "lab",
  ],
  ["on the day after, east of it", { [aRollout(ID, "2026/11/27")]: lines({ model_provider: "lab" }) }, "lab"],
  [
    "with a line that is longer than what is read",
    {
      [aRollout(ID, "2026/11/26")]: lines({ model_provider: "openai", text: "x".repeat(100_000) }),
    },
    "openai",
  ],
  ["of an old Codex, which names none", { [aRollout(ID, "2026/11/26")]: lines({ id: ID }) }, undefined],
  ["that is empty", { [aRollout(ID, "2026/11/26")]: "" }, undefined],
  [
    "of another id",
    { [aRollout(ID.replace("01a", "01b"), "2026/11/26")]: lines({ model_provider: "lab" }) },
    undefined,
  ],
  ["that is not there", {}, undefined],
];

for (const [what, files, provider] of CHATS) {
  Deno.test(`chatById() reads the provider of a chat ${what}`, async () => {
    assert.equal((await chatById(aWorld(files), ID))?.provider, provider);
  });
}

Deno.test("chatById() takes any id for what it is", async () => {
  for (const id of ["ffffffff-ffff-ffff-ffff-ffffffffffff", "00000000-0000-4000-8000-000000000000"]) {
    assert.equal(await chatById(aWorld({}), id), undefined);
  }
});

function idOf(number: number): string {
  return `01a21612-9013-7310-b034-${String(number).padStart(12, "0")}`;
}

Deno.test("latestOfAnother() finds the latest chat of another provider that is not a sub-agent's", async () => {
  const world = aWorld({
    [aRollout(idOf(1), "2025/12/31")]: lines({ source: "cli", model_provider: "openai" }),
    [aRollout(idOf(2), "2026/01/02")]: lines({ source: "cli", model_provider: "openai" }),
    [aRollout(idOf(3), "2026/01/02")]: lines({ source: { subagent: "review" }, model_provider: "openai" }),
    [aRollout(idOf(4), "2026/01/03")]: lines({ source: "exec", model_provider: "cdx2" }),
  });
  assert.equal((await latestOfAnother(world, "cdx2"))?.id, idOf(2));
  assert.equal((await latestOfAnother(world, "openai"))?.id, idOf(4));
  assert.equal(await latestOfAnother(aWorld({}), "openai"), undefined);
});

Deno.test("latestOfAnother() gives up after forty chats", async () => {
  const rollout = (number: number, provider: string): [string, string] => {
    const day = `2026/01/${String(number).padStart(2, "0")}`;
    return [aRollout(idOf(number), day), lines({ source: "cli", model_provider: provider })];
  };
  const own = Array.from({ length: 39 }, (_, index) => rollout(index + 10, "cdx2"));
  const find = (older: string) =>
    latestOfAnother(aWorld(Object.fromEntries([...own, rollout(9, older)])), "cdx2");
  assert.equal((await find("openai"))?.id, idOf(9));
  const world = aWorld(Object.fromEntries([...own, rollout(9, "cdx2"), rollout(8, "openai")]));
  assert.equal(await latestOfAnother(world, "cdx2"), undefined);
});
