import { testCompletion } from "../../support/completion.ts";

testCompletion("fish", ["--no-config"], new URL("complete_fish.fish", import.meta.url));
