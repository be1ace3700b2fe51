// Texts of `.env` files for properties.

import fc from "fast-check";

/** Anything at all, usually made of what the grammar cares about. */
export const anyEnvText = fc.array(
  fc.oneof(
    fc.constantFrom(
      "'",
      '"',
      "`",
      "=",
      "#",
      ":",
      "\n",
      "\r\n",
      "\r",
      " ",
      "PORT",
      "A",
      "export ",
      "\\n",
      "B=",
      "\\",
      "\u2028",
      "\ufeff",
    ),
    fc.string(),
  ),
  { maxLength: 20 },
).map((parts) => parts.join(""));
