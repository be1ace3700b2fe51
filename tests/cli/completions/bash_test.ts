import { testCompletion } from "../../support/completion.ts";

testCompletion("bash", ["--norc"], new URL("complete_bash.bash", import.meta.url));
