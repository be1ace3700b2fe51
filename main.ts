import { commandLine, exitProcess } from "./src/system/own_run.ts";
import { VERSION } from "./src/cli/version.ts";

const args = commandLine();
// Scripts and installers ask for nothing more often. Reading the parser of command lines takes longer than the rest.
if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
  const { systemTerminal } = await import("./src/system/terminal.ts");
  try {
    systemTerminal.out(`${VERSION}\n`);
    exitProcess(0);
  } catch {
    // The way of all commands says why.
  }
}
// A shell prompt asks before each command line. Where this does not answer, the way of all commands does, and says why.
if (args.length === 2 && args[0] === "all" && args[1] === "--line") {
  const { printQuickLine } = await import("./src/cli/all/quick_line.ts");
  if (await printQuickLine()) exitProcess(0);
}
const { run } = await import("./src/cli/main.ts");
await run(args);
