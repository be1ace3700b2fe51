// The shell parts of the examples in docs/ci.md, with the real cdx2 and a Codex and an npm that only say how they were
// called: they run to their end, the key arrives, and the exit code of Codex is that of the job.

import assert from "node:assert/strict";
import { json } from "../support/answers.ts";
import { startFakeUpstream } from "../support/fake_upstream.ts";
import { jwt } from "../support/jwt.ts";
import { saidBy } from "../support/installed.ts";
import { Home } from "../support/program.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/ci.md", import.meta.url));
const TOKEN = "at-made-for-this-test-0123456789";
const SECOND = jwt({ email: "second@example.com", exp: 4_000_000_000 });
const CODEX = `#!/bin/sh
[ "$1 $2" = 'login status' ] && exit 1
url=$(printf '%s\\n' "$@" | sed -n 's/^model_providers.cdx2.base_url="\\(.*\\)"$/\\1/p')
curl -fsS -d '{}' "$url/responses" && exit 7
`;

/** The example below this heading. */
function example(heading: string): string {
  return new RegExp(`^## ${heading}\\n\\n\`\`\`yaml\\n([\\s\\S]*?)^\`\`\``, "m").exec(PAGE)![1]!;
}

/** Its shell parts, in their order: of GitHub what stands after "run: |", of GitLab the entries of scripts. */
const SCRIPTS = {
  "GitHub Actions": [...example("GitHub Actions").matchAll(/^( +)run: \|\n((?:\1 {2}.*\n)+)/gm)].map((
    [, , script],
  ) => script!),
  "GitLab": [...example("GitLab").matchAll(/^ {4}- (.*)$/gm)].map(([, line]) => `${line}\n`),
};

for (const [service, scripts] of Object.entries(SCRIPTS)) {
  Deno.test({
    name: `the example for ${service} runs Codex through the proxy`,
    ignore: Deno.build.os === "windows",
    async fn() {
      assert.ok(scripts.length >= 5, "the page has shell parts");
      await using upstream = await startFakeUpstream();
      upstream.reply({ path: "/backend-api/codex/responses" }, json(200, { output_text: "hi" }));
      await using home = await Home.make({ CLIPROXY_UPSTREAM: upstream.url });
      await Deno.mkdir(`${home.folder}/bin`);
      const { command, args, env } = home.commandLine([]);
      const quoted = [command, ...args].map((word) => `'${word}'`).join(" ");
      const programs = { cdx2: `#!/bin/sh\nexec ${quoted} "$@"\n`, codex: CODEX, npm: "#!/bin/sh\n" };
      for (const [name, text] of Object.entries(programs)) {
        await Deno.writeTextFile(`${home.folder}/bin/${name}`, text, { mode: 0o755 });
      }
      const login = JSON.stringify({ tokens: { access_token: TOKEN } });
      await Deno.writeTextFile(`${home.folder}/login-secret`, login);
      const job = {
        ...env,
        PATH: `${home.folder}/bin:${env["PATH"]}`,
        CODEX_HOME: `${home.folder}/codex`,
        RUNNER_TEMP: `${home.folder}/temp`,
        GITHUB_ENV: `${home.folder}/github-env`,
        CLIPROXY_REFRESH: "off",
        LOGIN: login,
        TOKENS: SECOND,
        CODEX_LOGIN: `${home.folder}/login-secret`,
      };
      await Deno.writeTextFile(job.GITHUB_ENV, "");
      const said: string[] = [];
      for (const script of scripts) {
        // What earlier steps have written there holds for the next ones.
        const kept = (await Deno.readTextFile(job.GITHUB_ENV)).trim().split("\n");
        const pairs = [
          ...Object.entries(job).map(([name, value]) => `${name}=${value}`),
          ...kept.filter(Boolean),
        ];
        said.push(
          await saidBy("env", ["-i", ...pairs, "bash", "-eo", "pipefail", "-c", script], {
            cwd: home.folder,
          }),
        );
      }
      const failed = said.filter((text) => /exit code \d+$/.test(text));
      assert.equal(failed.length, 1, said.join("\n---\n"));
      assert.match(failed[0]!, /output_text.*exit code 7$/s);
      const asked = upstream.requests.filter(({ path }) => path.endsWith("/responses"));
      const tokens = asked.map(({ token }) => token!);
      assert.deepEqual(
        tokens.filter((token) => ![TOKEN, SECOND].includes(token)),
        [],
        "no placeholder got through",
      );
      assert.equal(tokens.length, 1);
      for (const token of [TOKEN, SECOND]) assert.ok(!said.join("").includes(token));
    },
  });
}
