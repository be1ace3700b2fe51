import { testOffers } from "../../support/completion.ts";

testOffers("fish", ["--no-config"], new URL("ask_fish.fish", import.meta.url));
