import { testOffers } from "../../support/completion.ts";

testOffers("zsh", ["-f"], new URL("ask_zsh.zsh", import.meta.url));
