import assert from "node:assert/strict";
import { baseUrl, gatewayUrl, optionalBaseUrl, webOrigin } from "../../src/config/url_kinds.ts";
import { parses } from "../support/setting_kinds.ts";

parses("baseUrl()", baseUrl(), [
  ["https://chatgpt.com", "https://chatgpt.com/backend-api"],
  ["https://ChatGPT.com:443/", "https://chatgpt.com/backend-api"],
  ["https://chat.openai.com", "https://chat.openai.com/backend-api"],
  ["https://chatgpt.com/other", "https://chatgpt.com/other"],
  ["http://chatgpt.com", "http://chatgpt.com"],
  ["http://127.0.0.1:9000/v1//", "http://127.0.0.1:9000/v1"],
  ["http://[::1]:9000", "http://[::1]:9000"],
  ["chatgpt.com", undefined],
  ["localhost:9000", undefined],
  ["ftp://example.com", undefined],
  ["https:example.com", undefined],
  ["https://", undefined],
  ["https://ann@example.com", undefined],
  ["https://:pw@example.com", undefined],
  ["https://example.com/?", undefined],
  ["https://example.com/#", undefined],
  ["", undefined],
]);

Deno.test("optionalBaseUrl() is a baseUrl() that shows null where there is none", () => {
  const kind = optionalBaseUrl();
  assert.equal(kind.show(kind.parse("https://chatgpt.com/")), "https://chatgpt.com/backend-api");
  assert.equal(kind.show(undefined), null);
});

for (
  const [text, shown] of [
    ["ftp://example.com/x", "ftp://example.com/x"],
    ["https://ann:pw@example.com", "https://[REDACTED]@example.com"],
    ["https://ann:p#w?@example.com/x", "https://[REDACTED]@example.com/x"],
    ["ann:pw@example.com", "[REDACTED]@example.com"],
    ["https://example.com/x?key=pw", "https://example.com/x?[REDACTED]"],
    ["https://example.com/x#pw", "https://example.com/x?[REDACTED]"],
  ] as const
) {
  Deno.test(`baseUrl() repeats ${text} as ${shown}`, () => assert.equal(baseUrl().echo?.(text), shown));
}

parses("gatewayUrl()", gatewayUrl(), [
  ["https://gateway.example", "https://gateway.example"],
  ["https://Gateway.example:8443/", "https://gateway.example:8443"],
  ["https://[fd00::7]", "https://[fd00::7]"],
  ["http://127.0.0.1:8317", "http://127.0.0.1:8317"],
  ["http://localhost:8317", "http://localhost:8317"],
  ["http://[::1]:8317", "http://[::1]:8317"],
  ["http://gateway.example", undefined],
  ["http://localhost.example", undefined],
  ["http://10.0.0.7:8317", undefined],
  ["http://0.0.0.0:8317", undefined],
  ["https://gateway.example/v1", undefined],
  ["https://ann:pw@gateway.example", undefined],
  ["https://gateway.example?key=pw", undefined],
  ["https://chatgpt.com", undefined],
  ["gateway.example", undefined],
  ["wss://gateway.example", undefined],
]);

Deno.test("gatewayUrl() shows null where there is none, and repeats no credentials", () => {
  const kind = gatewayUrl();
  assert.equal(kind.show(kind.read("")), null);
  assert.equal(kind.echo("http://ann:pw@gateway.example"), "http://[REDACTED]@gateway.example");
});

parses("webOrigin()", webOrigin(), [
  ["https://App.example", "https://app.example"],
  ["https://app.example:8443", "https://app.example:8443"],
  ["app://obsidian.md", "app://obsidian.md"],
  ["chrome-extension://abcdefgh", "chrome-extension://abcdefgh"],
  ["http://[::1]:3000", "http://[::1]:3000"],
  ["https://app.example/", undefined],
  ["https://app.example/path", undefined],
  ["https://ann@app.example", undefined],
  ["app.example", undefined],
  ["null", undefined],
  ["*", undefined],
]);
