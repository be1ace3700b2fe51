import { commandLine, exitProcess } from "./src/system/process.ts";
import { systemTerminal } from "./src/system/terminal.ts";
import { VERSION } from "./src/cli/version.ts";

const args = commandLine();
// Scripts and installers ask for nothing more often. Reading the parser of command lines takes longer than the rest.
if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
  systemTerminal.out(`${VERSION}\n`);
  exitProcess(0);
}
const { run } = await import("./src/cli/main.ts");
await run(args);
