// From the files of a release to an installed program: the script for Linux and macOS against a file server on this
// machine, and the packages of npm against a registry on this machine. Nothing else is reached.

import assert from "node:assert/strict";
import { hostTarget } from "../../../scripts/release/targets.ts";
import { platformPackage } from "../../../scripts/npm/packages.ts";
import { makeRelease, PROGRAM, serveRelease } from "../../support/release.ts";
import { saidBy } from "../../support/installed.ts";

const IS_WINDOWS = Deno.build.os === "windows";
const PACKED = `cdx2-${Deno.build.target}.gz`;

interface Place extends AsyncDisposable {
  readonly folder: string;
  readonly release: string;
  readonly url: string;
  /** Runs the installer of the release into `bin` of the folder. Returns all that it said. */
  readonly install: (args?: readonly string[], env?: Readonly<Record<string, string>>) => Promise<string>;
}

async function aRelease(): Promise<Place> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "cdx2-release-test-" }));
  const release = `${folder}/release`;
  const { url, server } = serveRelease(() => release);
  await makeRelease(folder, url);
  const install: Place["install"] = (args = ["--to", `${folder}/bin`], env = {}) => {
    const variables = { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", HOME: folder, ...env };
    const pairs = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    return saidBy("env", ["-i", ...pairs, "sh", `${release}/install.sh`, ...args]);
  };
  const close = async () => {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  };
  return { folder, release, url, install, [Symbol.asyncDispose]: close };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  return entries.map(({ name }) => name).sort();
}

const CAN_MOUNT = !IS_WINDOWS &&
  await new Deno.Command("unshare", { args: ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"] }).output()
    .then(({ success }) => success, () => false);

Deno.test(
  { name: "from the files of a release to an installed program", ignore: IS_WINDOWS },
  async (test) => {
    await using place = await aRelease();
    await test.step({
      name: "install.sh installs, says what to add to the PATH, replaces a running version, and uninstalls",
      fn: async () => {
        const { folder, install } = place;
        const sums = await saidBy("sh", [
          "-c",
          `cd ${place.release} && if command -v sha256sum >/dev/null; then sha256sum --check --quiet SHA256SUMS; else shasum -a 256 -c -q SHA256SUMS; fi`,
        ]);
        assert.equal(sums, "", "SHA256SUMS is about the files that are there");

        const said = await install();
        assert.equal(
          said,
          `installed cdx2 0.1.0 as ${folder}/bin/cdx2\n` +
            `${folder}/bin is not on your PATH. Add this line to the start file of your shell:\n` +
            `  export PATH="${folder}/bin:$PATH"\n`,
        );
        assert.equal(await Deno.readTextFile(`${folder}/bin/cdx2`), PROGRAM);
        assert.equal((await Deno.stat(`${folder}/bin/cdx2`)).mode! & 0o777, 0o755);
        assert.deepEqual(await namesIn(`${folder}/bin`), ["cdx2"], "nothing else is left");

        // One that runs keeps its own file, and the user is told.
        await Deno.writeTextFile(`${folder}/bin/cdx2`, "#!/bin/sh\nsleep 30\n");
        using old = await Deno.open(`${folder}/bin/cdx2`);
        await Deno.writeTextFile(`${folder}/running`, "");
        const path = `${folder}/bin:/usr/bin:/bin`;
        const again = await install(["--version", "v0.1.0", "--to", `${folder}/bin`], {
          CDX2_TEST_RUNNING: `${folder}/running`,
          PATH: path,
        });
        assert.match(
          again,
          /^installed .*\na proxy is running, perhaps of the old version: "cdx2 proxy --force" restarts it\n$/,
        );
        assert.equal((await old.stat()).size, 19, "the running file was not written to");

        assert.equal(
          await install(["--uninstall", "--to", `${folder}/bin`]),
          `removed ${folder}/bin/cdx2; keys, settings and logs stay in ~/.codex/_auths\n`
            .replace(/^/, "<setup><codex><--undo>\n<service><uninstall>\n<stop>\n"),
        );
        assert.deepEqual(await namesIn(`${folder}/bin`), []);
      },
    });
    await test.step({
      name: "install.sh installs nothing when something is wrong, and says what",
      fn: async () => {
        const { folder, release, install, url } = place;
        const bin = `${folder}/bin`;
        const sums = await Deno.readTextFile(`${release}/SHA256SUMS`);
        const packed = await Deno.readFile(`${release}/${PACKED}`);

        await Deno.writeTextFile(`${release}/${PACKED}`, "tampered");
        assert.match(
          await install(),
          /^Cannot install cdx2: the SHA-256 of \S+ is \w{64}, not \w{64}\nhint: .*nothing was installed\nexit code 1$/,
        );
        await Deno.writeTextFile(`${release}/SHA256SUMS`, sums.replace(/^.*\.gz\n/m, ""));
        assert.match(await install(), /SHA256SUMS has no line for cdx2-/);
        await Deno.writeTextFile(`${release}/SHA256SUMS`, sums);
        await Deno.writeFile(`${release}/${PACKED}`, packed);
        assert.match(
          await install(["--version", "9.9.9", "--to", bin]),
          /download\/v9\.9\.9\/SHA256SUMS cannot be fetched/,
        );

        // Nobody listens at port 9.
        const cases: [env: Record<string, string>, says: RegExp][] = [
          [
            { CDX2_RELEASES_URL: "http://127.0.0.1:9/releases" },
            /cannot be fetched: .*\nhint: look at the network/,
          ],
          [{ CDX2_RELEASES_URL: url.replace("127.0.0.1", "example.com") }, /is not https/],
          [{ CDX2_RELEASES_URL: "@RELEASES_URL@" }, /does not know where releases are/],
        ];
        for (const [env, says] of cases) assert.match(await install(undefined, env), says);
        for (
          const [uname, says] of [["riscv64", /no release for the processor riscv64/], [
            "FreeBSD",
            /no release for FreeBSD/,
          ]] as const
        ) {
          await Deno.mkdir(`${folder}/fake`, { recursive: true });
          const machine = uname === "FreeBSD" ? "x86_64" : uname;
          const system = uname === "FreeBSD" ? uname : "Linux";
          await Deno.writeTextFile(
            `${folder}/fake/uname`,
            `#!/bin/sh\n[ $1 = -m ] && echo ${machine} || echo ${system}\n`,
            { mode: 0o755 },
          );
          assert.match(await install(undefined, { PATH: `${folder}/fake:/usr/bin:/bin` }), says);
        }
        await Deno.writeTextFile(`${folder}/file`, "");
        assert.match(
          await install(["--to", `${folder}/file/bin`]),
          /cannot be made\nhint: name a folder of yours/,
        );
        assert.match(await install(["--uninstall", "--to", bin]), /there is no .*\/cdx2\n/);
        assert.match(await install(["--frob"]), /there is no option --frob/);
        assert.deepEqual(await namesIn(bin), [], "nothing was left behind by any of them");
      },
    });
    await test.step({
      name: `install.sh keeps the old version when the disk is full${
        CAN_MOUNT ? "" : " (needs unshare and mount)"
      }`,
      ignore: !CAN_MOUNT,
      fn: async () => {
        const { folder, release } = place;
        await Deno.mkdir(`${folder}/small`);
        const script = `mount -t tmpfs -o size=16k tmpfs ${folder}/small && echo old >${folder}/small/cdx2 &&
      head -c 8000 /dev/zero >${folder}/small/filler; sh ${release}/install.sh --to ${folder}/small; echo "exit $?"
      cat ${folder}/small/cdx2; ls -A ${folder}/small`;
        const said = await saidBy("unshare", ["-rm", "sh", "-c", script]);
        assert.match(said, /exit 1\nold\ncdx2\nfiller\n/, said);
        assert.match(said, /Cannot install cdx2: .*\nhint: .*free some space/);
      },
    });
    await test.step({
      name: "npm install -g and npx run the program of the packed files, with its exit code",
      fn: async () => {
        const { folder, release } = place;
        const names = ["cdx2", platformPackage(hostTarget())];
        const registry = Deno.serve(
          { hostname: "127.0.0.1", port: 0, onListen: () => {} },
          async (request) => {
            const { pathname, origin } = new URL(request.url);
            const file = pathname.slice(1);
            if (file.endsWith(".tgz")) return new Response(await Deno.readFile(`${release}/${file}`));
            if (!names.includes(file)) return new Response("{}", { status: 404 });
            const tarball = `${file}-0.1.0.tgz`;
            const manifest = JSON.parse(
              await saidBy("tar", ["-xzOf", `${release}/${tarball}`, "package/package.json"]),
            );
            const version = { ...manifest, dist: { tarball: `${origin}/${tarball}` } };
            return Response.json({
              name: file,
              "dist-tags": { latest: "0.1.0" },
              versions: { "0.1.0": version },
            });
          },
        );
        try {
          const env = [
            ...[`PATH=${folder}/prefix/bin:${Deno.env.get("PATH")}`, `HOME=${folder}`],
            ...[
              `npm_config_registry=http://127.0.0.1:${registry.addr.port}/`,
              "npm_config_update_notifier=false",
            ],
            ...[
              `npm_config_prefix=${folder}/prefix`,
              `npm_config_cache=${folder}/cache`,
              "npm_config_fund=false",
            ],
          ];
          const run = (...line: readonly string[]) => saidBy("env", ["-i", ...env, ...line], { cwd: folder });
          assert.doesNotMatch(await run("npm", "install", "--global", "--no-audit", "cdx2"), /exit code/);
          assert.equal(await run("cdx2", "a b", "--c"), "<a b><--c>\n");
          assert.equal(await run("cdx2", "exit", "7"), "exit code 7");
          assert.equal(await run("npx", "--yes", "cdx2@0.1.0", "--version"), "0.1.0\n");
        } finally {
          await registry.shutdown();
        }
      },
    });
  },
);
