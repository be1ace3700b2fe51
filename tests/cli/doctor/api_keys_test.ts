import assert from "node:assert/strict";
import { misplacedApiKeys } from "../../../src/cli/doctor/api_keys.ts";
import { anAuthFile } from "../../support/doctor_facts.ts";

const CHATGPT = "https://chatgpt.com/backend-api";

for (
  const [name, over, upstreamUrl, files] of [
    ["an API key in a pool of ChatGPT", { api_key: true }, CHATGPT, ["lab.json"]],
    ["one that is disabled", { api_key: true, usable: false, disabled: true }, CHATGPT, undefined],
    [
      "one with an upstream of its own",
      { api_key: true, upstream: "https://api.x/v1" },
      CHATGPT,
      undefined,
    ],
    ["one without an upstream of its own", { api_key: true, upstream: null }, CHATGPT, ["lab.json"]],
    ["one in a pool of the API", { api_key: true }, "https://api.openai.com/v1", undefined],
    ["a login", { api_key: false }, CHATGPT, undefined],
  ] as const
) {
  Deno.test(`misplacedApiKeys() finds ${files ?? "nothing"} for ${name}`, () => {
    const file = { ...anAuthFile("lab.json"), ...over };
    const disk = { kind: "read", files: [file] } as const;
    const found = misplacedApiKeys({ disk, upstreamUrl });
    assert.deepEqual(found?.files, files);
    if (found) assert.match(found.recipe, /--upstream https:\/\/api\.openai\.com\/v1/);
  });
}
