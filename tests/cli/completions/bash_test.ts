import { testOffers } from "../../support/completion.ts";

testOffers("bash", ["--norc"], new URL("ask_bash.bash", import.meta.url));
