import { testCompletion } from "../../support/completion.ts";

testCompletion("zsh", ["-f"], new URL("complete_zsh.zsh", import.meta.url));
