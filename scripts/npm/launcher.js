#!/usr/bin/env node
// Runs the executable of this system, which npm has installed as an optional package beside this one.
"use strict";

const { spawn } = require("node:child_process");
const { constants } = require("node:os");

const name = `cdx2-${process.platform}-${process.arch}`;
let executable;
try {
  executable = require.resolve(`${name}/cdx2${process.platform === "win32" ? ".exe" : ""}`);
} catch {
  process.stderr.write(`Cannot run cdx2: the package ${name} is not installed\n`);
  process.stderr.write(
    "hint: there are packages for Linux and macOS (x64, arm64) and Windows (x64); install again without --omit=optional\n",
  );
  process.exit(1);
}

const child = spawn(executable, process.argv.slice(2), { stdio: "inherit" });
// A terminal sends its signals to the executable as well; it decides what they mean.
for (const signal of ["SIGINT", "SIGQUIT"]) process.on(signal, () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", ({ message }) => {
  process.stderr.write(`Cannot run cdx2: ${message}\n`);
  process.exit(126);
});
child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
