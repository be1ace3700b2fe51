#!/usr/bin/env node
// Runs the executable of this system, which npm has installed as an optional package beside this one.
"use strict";

const { spawn } = require("node:child_process");
const { readFileSync } = require("node:fs");
const { constants } = require("node:os");
const { isatty } = require("node:tty");

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

// Each that would end this process alone; SIGUSR1 is Node's own. Listened to from before the executable begins.
const forwarded = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGALRM", "SIGUSR2"];
for (const signal of forwarded) {
  process.on(signal, () => {
    if (!isFromTerminal(signal)) child.kill(signal);
  });
}
const child = spawn(executable, process.argv.slice(2), { stdio: "inherit" });
child.on("error", ({ message }) => {
  process.stderr.write(`Cannot run cdx2: ${message}\n`);
  process.exit(126);
});
child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));

// Then the executable has got it as well.
function isFromTerminal(signal) {
  if (signal !== "SIGINT" && signal !== "SIGQUIT") return false;
  try {
    // Fields 5 and 8 are the group of this process, and the one in the foreground of its terminal (proc_pid_stat(5)).
    const fields = readFileSync("/proc/self/stat", "latin1").replace(/^.*\) /s, "").split(" ");
    return fields[2] === fields[5];
  } catch {
    return isatty(0);
  }
}
