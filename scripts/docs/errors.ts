/**
 * What can go wrong, one row for each situation: what is printed or answered, what it means, and what to do. Written by
 * hand; tests/scripts/errors_test.ts finds what is missing. Words in capitals stand for a value.
 * @module
 */

/** What a command prints behind its exit code. */
export interface ErrorRow {
  readonly says: string;
  readonly exitCode: number;
  readonly means: string;
  readonly remedy: string;
}

export const ERRORS: readonly ErrorRow[] = [
  {
    says:
      "Unknown command 'NAME' · Unknown option 'NAME' · Missing required argument 'NAME' · Option 'NAME' argument 'VALUE' is invalid · Too many arguments",
    exitCode: 2,
    means: "The command line is not one of cdx2. The hint names what is nearest.",
    remedy: "`cdx2 COMMAND --help` shows what there is.",
  },
  {
    says: "Bad SETTING VALUE (from SOURCE): allowed is VALUES",
    exitCode: 2,
    means:
      "A setting has a value that it cannot have. The source is the flag, the variable or the env file that holds it.",
    remedy:
      "Correct it there; configuration.md lists what each allows. For a host that other machines reach: `--allow-non-loopback`.",
  },
  {
    says: "Cannot read the env file PATH: REASON",
    exitCode: 2,
    means: "The env file is there and cannot be read, so settings in it would be lost.",
    remedy: "Make it readable, or name another one in `CLIPROXY_ENV_FILE`.",
  },
  {
    says: "Cannot keep SETTING in the env file PATH: REASON",
    exitCode: 1,
    means: "The first start chose a port or made a management key, and could not write it down.",
    remedy: "Make the file writable, or set the variable yourself.",
  },
  {
    says: "Cannot set NAME in the env file: it would not read back as it was written",
    exitCode: 1,
    means:
      "Something further up in the file, mostly a quote that is never closed, would swallow the new line.",
    remedy: "Mend the file by hand.",
  },
  {
    says: "Cannot use the auth dir PATH: REASON",
    exitCode: 2,
    means: "The folder cannot be made, or not be written to.",
    remedy: "Pass a folder of your own with `--auth-dir`, or set `CLIPROXY_AUTH_DIR`.",
  },
  {
    says: "Cannot start the proxy: REASON",
    exitCode: 1,
    means:
      "The background process ended or does not answer; the last lines of its log follow. Or the one that runs has another management key, or cannot be told from a program that is not ours.",
    remedy:
      "`cdx2 proxy --foreground` shows what happens. With another management key: `--management-key`, or `--force`.",
  },
  {
    says: "Cannot listen on ADDRESS: REASON",
    exitCode: 1,
    means:
      "The port is taken (the message names the program's pid where it can be found out), the machine has no such address, or the port needs rights.",
    remedy: "Another `--port`, above 1023; another `--host`; or end the program that has it.",
  },
  {
    says: "The proxy is already running",
    exitCode: 1,
    means: "`--foreground` will not serve beside another one with the same auth dir.",
    remedy: "`cdx2 stop`, or `--force`.",
  },
  {
    says: "The proxy crashed: REASON",
    exitCode: 1,
    means: "A fault of cdx2: the serving part ended by an error of its own.",
    remedy: "Start it again, and report it with the log.",
  },
  {
    says: "Cannot stop the proxy: REASON · Cannot stop the proxy: pid PID is still running",
    exitCode: 1,
    means:
      "It did not end even when it was killed, or it cannot be told whether the process is the proxy. A process that may be another program is left alone.",
    remedy: "Look with `ps -p PID`, and end it yourself.",
  },
  {
    says: "The proxy is not running",
    exitCode: 1,
    means: "The command asks a running proxy, and there is none for this auth dir.",
    remedy: "`cdx2 proxy` starts it.",
  },
  {
    says: "The proxy (pid PID) does not answer: REASON · The proxy does not answer: REASON",
    exitCode: 1,
    means: "It is there, and is silent or says something else than a cdx2 does.",
    remedy: "`cdx2 status`; `cdx2 proxy --force` replaces it.",
  },
  {
    says: "The running proxy has another management key",
    exitCode: 1,
    means: "It was started with another one than this command found.",
    remedy: "Pass its key with `--management-key`.",
  },
  {
    says: "The proxy has no key called NAME",
    exitCode: 1,
    means: "`reset --name` names a file that the proxy does not hold.",
    remedy: "The hint lists those that it holds.",
  },
  {
    says: "There are no keys in FOLDER",
    exitCode: 1,
    means: "`all` has no key to ask about.",
    remedy: "`cdx2 auth import`.",
  },
  {
    says: "Cannot import the login of Codex: there is no PATH",
    exitCode: 1,
    means: "Codex is not logged in, or keeps its login in the keyring of the system.",
    remedy: "`codex login`, or name an auth file, or give an API key with `--api-key-stdin`.",
  },
  {
    says: "Cannot import PATH: REASON",
    exitCode: 1,
    means: "The file is not there, is no auth file, or its account has a key already.",
    remedy:
      "Name another file; `--replace` puts a newer login of the same account in the place of the old one.",
  },
  {
    says: "Cannot import a key from standard input: it is empty · " +
      "Cannot import a key from standard input: it holds more than one key, or something else",
    exitCode: 1,
    means: "Standard input has to hold one API key and nothing else.",
    remedy: "For an auth file, give its name instead.",
  },
  {
    says: "Cannot import FILE and a key from standard input at once",
    exitCode: 2,
    means: "Two sources were given.",
    remedy: "Leave out the one or the other.",
  },
  {
    says: "Cannot remove a key from FOLDER: REASON · Cannot remove FILE: it is a folder",
    exitCode: 1,
    means: "The name means no auth file, or several.",
    remedy: "`cdx2 auth list` shows the names.",
  },
  {
    says: "Cannot ask whether to remove FILE: standard input is no terminal",
    exitCode: 2,
    means: "A script removes a key without saying that it means it.",
    remedy: "Add `--yes`.",
  },
  {
    says: "Bad --set TEXT: allowed is name=value for a rule of rotation · --set tries a rule in a replay",
    exitCode: 2,
    means: "`doctor --set` names no rule, or stands without `--replay`.",
    remedy: "The hint lists the rules; they are settings.",
  },
  {
    says: "PATH records no request that was given a key",
    exitCode: 1,
    means: "`doctor --replay` was given a file that is no event log, or an empty one.",
    remedy: "`cdx2 status` says where the proxy writes its own.",
  },
  {
    says: "Cannot run PROGRAM: REASON",
    exitCode: 127,
    means: "`codex` or `run` found no such program; with exit code 126 it may not be executed.",
    remedy: "Install it, or name Codex in `CDX2_CODEX_BIN`.",
  },
  {
    says: "Unexpected NAME: REASON",
    exitCode: 1,
    means: "A fault of cdx2.",
    remedy: "Report it, with what `CDX2_DEBUG=1` prints.",
  },
];

/** An answer of the proxy's own to a client, as `{"error":{"type","message"}}`. */
export interface RefusalRow {
  readonly type: string;
  /** More than one where it depends on the client or on the case. */
  readonly status: string;
  readonly means: string;
  readonly remedy: string;
}

export const REFUSALS: readonly RefusalRow[] = [
  {
    type: "usage_limit_reached",
    status: "429",
    means:
      "All keys are spent or paused, at least one of them for a time. `Retry-After` and `resets_at` say until when.",
    remedy: "Wait, or add a key.",
  },
  {
    type: "rate_limit_exceeded",
    status: "429",
    means: "The upstream limits requests for some seconds, with one key as with another.",
    remedy: "Nothing; Codex tries again by itself.",
  },
  {
    type: "no_usable_keys",
    status: "400 for Codex, else 503",
    means: "All keys are ejected or on trial.",
    remedy:
      "`cdx2 doctor` shows the causes; `cdx2 auth import` renews a login, `cdx2 reset` gives another chance.",
  },
  {
    type: "no_keys",
    status: "400 for Codex, else 503",
    means: "No auth file holds a key.",
    remedy: "`cdx2 auth import`.",
  },
  {
    type: "upstream_refuses_all",
    status: "503",
    means: "Every key was refused in the same way at the same time, so it is not about the keys.",
    remedy: "Try again later.",
  },
  {
    type: "upstream_unreachable",
    status: "502",
    means: "No connection to the upstream came about, twice, or it broke before the answer.",
    remedy: "Look at the network, and at `--upstream`.",
  },
  {
    type: "upstream_timeout",
    status: "504",
    means: "The upstream did not connect or answer in time.",
    remedy: "Try again; the times are settings.",
  },
  {
    type: "usage_unknown",
    status: "503",
    means: "A client asked for the pool's usage, and no key could be asked for it.",
    remedy: "`cdx2 doctor`.",
  },
  {
    type: "request_too_large",
    status: "413",
    means: "The body is larger than is buffered.",
    remedy: "`CLIPROXY_BODY_LIMIT_MB` raises the limit.",
  },
  {
    type: "not_forwardable",
    status: "400",
    means: "The request has a form that cannot be sent on, such as a GET with a body.",
    remedy: "Change the client.",
  },
  {
    type: "forbidden",
    status: "403",
    means: "The request comes from a web page, or names a host that the proxy is not.",
    remedy: "Reach the proxy as 127.0.0.1 or localhost, and not from a page of another site.",
  },
  {
    type: "upgrade_refused",
    status: "426",
    means: "A client asked for a WebSocket.",
    remedy: "Nothing; Codex goes on over HTTP at once.",
  },
  {
    type: "shutting_down",
    status: "503",
    means: "The proxy is about to end.",
    remedy: "Start it again with `cdx2 proxy`.",
  },
  {
    type: "internal_error",
    status: "500",
    means: "A fault of cdx2.",
    remedy: "`cdx2 logs` shows it under the request id of the message; report it.",
  },
];

/** `[exit code, meaning]` */
export const EXIT_CODES: readonly (readonly [string, string])[] = [
  ["0", "Done."],
  [
    "1",
    "Failed: the proxy is not running where it has to be, the network, a file. `status` and `doctor` end with it when not all is well.",
  ],
  ["2", "Wrong usage or settings. Nothing was done."],
  ["126", "The program that `codex` or `run` was to start may not be executed."],
  ["127", "There is no such program."],
  ["130", "Interrupted with Ctrl-C."],
];
