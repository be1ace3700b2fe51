import { run } from "./src/cli/main.ts";
import { commandLine } from "./src/system/process.ts";

await run(commandLine());
