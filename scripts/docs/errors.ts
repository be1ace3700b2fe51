/**
 * What can go wrong, one row for each situation: what is printed or answered, what it means, and what to do. Written by
 * hand; tests/scripts/errors_test.ts finds missing rows. Words in capitals stand for a value.
 * @module
 */

/** An error that a command prints. */
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
    means: "cdx2 does not know the command line. The hint names the command that was probably meant.",
    remedy: "`cdx2 COMMAND --help` shows what it takes.",
  },
  {
    says: 'There is no command "NAME"',
    exitCode: 2,
    means: "`cdx2 help` was asked about something that is not a command.",
    remedy: "`cdx2 --help` lists the commands, `cdx2 help settings` the settings.",
  },
  {
    says: "Bad SETTING VALUE (from SOURCE): allowed is VALUES",
    exitCode: 2,
    means:
      "A setting has a value that is not allowed. The source is the flag, the variable or the env file that sets it.",
    remedy:
      "Correct it there; configuration.md lists what each allows. For a host that other machines reach: `--allow-non-loopback`.",
  },
  {
    says: "Cannot read the env file PATH: REASON",
    exitCode: 2,
    means: "The env file exists but cannot be read, so its settings would be lost.",
    remedy: "Make it readable, or set `CLIPROXY_ENV_FILE` to another file.",
  },
  {
    says: "Cannot keep SETTING in the env file PATH: REASON",
    exitCode: 1,
    means: "The first start chose a port or made a management key, and could not save it.",
    remedy: "Make the file writable, or set the variable yourself.",
  },
  {
    says: "Cannot set NAME in the env file: it would not read back as it was written",
    exitCode: 1,
    means: "Something earlier in the file, usually a quote that is not closed, would swallow the new line.",
    remedy: "Fix the file by hand.",
  },
  {
    says: "Cannot listen on HOST without client keys",
    exitCode: 2,
    means: "Other machines could reach the proxy, and no client has a key yet.",
    remedy: "`cdx2 clients add NAME` for each client.",
  },
  {
    says: "Cannot use the certificate authorities in PATH: REASON",
    exitCode: 1,
    means: "The file of `CLIPROXY_SHARED_CA_FILE` cannot be read, or holds no certificate.",
    remedy: "Set it to a PEM file with the certificate authority of the shared pool's server.",
  },
  {
    says: "Cannot take part in the shared pool: REASON",
    exitCode: 1,
    means: "The folder that says which member renews which login cannot be read or written.",
    remedy: "Make it usable; the reason names it.",
  },
  {
    says: "Cannot export FILE with its refresh token",
    exitCode: 2,
    means: "Two machines that renew one login end it for each other.",
    remedy: "Add `--access-only`; on a machine that has to renew, log in with `cdx2 auth login`.",
  },
  {
    says: "The proxy cannot be asked: REASON",
    exitCode: 1,
    means: "`cdx2 pool` found no proxy that answers.",
    remedy: "Start it with `cdx2 proxy`.",
  },
  {
    says: "Cannot use the client keys in PATH: REASON · Cannot write the client keys PATH: REASON",
    exitCode: 1,
    means: "The file with the hashes of the clients' keys is broken, or cannot be written.",
    remedy: "Repair it, or delete it and make new keys.",
  },
  {
    says: "Another command is changing the client keys",
    exitCode: 1,
    means: "The file with the clients' keys stayed locked for two seconds.",
    remedy: "Try again.",
  },
  {
    says: "There is a client NAME already · There is no client NAME",
    exitCode: 1,
    means: "`cdx2 clients add` makes new clients, and `cdx2 clients remove` needs one that exists.",
    remedy: "`cdx2 clients list` shows them.",
  },
  {
    says:
      "Cannot look for a newer version: HOST REASON · Cannot look for a newer version: this build does not know where releases are",
    exitCode: 1,
    means: "`cdx2 version --check` could not ask. A build from source knows no host.",
    remedy: "Look at the network, or set `CDX2_RELEASES_URL` to the place of the releases.",
  },
  {
    says:
      'Cannot install the service: "COMMAND" failed · Cannot install the service: PATH: REASON · Cannot install a service: the manager of this system is not known',
    exitCode: 1,
    means:
      "The system's manager (systemd, launchd, the Task Scheduler) refused or does not run, as in a container. Its file was removed again.",
    remedy: "Run the command to see why. Without a manager: `cdx2 proxy`, or `cdx2 proxy --foreground`.",
  },
  {
    says: "There is no output of the service: MANAGER keeps none",
    exitCode: 1,
    means: "The Task Scheduler of Windows keeps nothing of what a program prints.",
    remedy: "`cdx2 logs` shows the log of the proxy.",
  },
  {
    says:
      "Cannot route Codex: PATH sets NAME = VALUE · Cannot route Codex: no line can set NAME in PATH · Cannot route Codex: PATH is not TOML: REASON",
    exitCode: 1,
    means:
      "`cdx2 setup codex` found values of yours in Codex's config.toml, or a file that it cannot edit line by line. Nothing was changed.",
    remedy:
      "`--replace` makes such values comments until `--undo`. A table in braces has to be written with a header.",
  },
  {
    says: "Cannot read the settings of Codex PATH: REASON · Cannot write the settings of Codex PATH: REASON",
    exitCode: 1,
    means: "Codex's config.toml is there, and the disk refuses.",
    remedy: "Make it readable and writable, or set `CODEX_HOME` to the folder that Codex uses.",
  },
  {
    says:
      "Cannot look into the gateway URL without its management key · The gateway URL has another management key",
    exitCode: 2,
    means: "What the gateway knows of its keys and requests is shown only to who has its management key.",
    remedy: "Ask who runs the gateway for the key, and set `CLIPROXY_REMOTE_MANAGEMENT_KEY`.",
  },
  {
    says: "Cannot use the gateway URL: REASON",
    exitCode: 1,
    means:
      "The gateway does not answer as one: its address, its certificate, your client key or its version is wrong.",
    remedy: "The hint names which. `cdx2 doctor` asks it again.",
  },
  {
    says: "Cannot open this chat through the gateway: it began with the provider PROVIDER",
    exitCode: 1,
    means:
      "Codex opens a chat with the provider that it began with, and a gateway is always the provider `cdx2`. So this chat would go past the gateway.",
    remedy: "Open it with plain `codex`, or begin a new chat through the gateway.",
  },
  {
    says: "Cannot write into the auth dir: REASON",
    exitCode: 1,
    means: "The disk of the auth dir is full, so the proxy could keep neither its port nor its log.",
    remedy: "Free some space, or pass another folder with `--auth-dir`.",
  },
  {
    says: "Cannot use the auth dir PATH: REASON",
    exitCode: 2,
    means: "The folder cannot be created or written to.",
    remedy: "Pass a folder of your own with `--auth-dir`, or set `CLIPROXY_AUTH_DIR`.",
  },
  {
    says: "Cannot start the proxy: REASON",
    exitCode: 1,
    means:
      "The background process ended or does not answer; the last lines of its log follow. Or the running proxy has another management key, or it may be a program that is not ours.",
    remedy:
      "`cdx2 proxy --foreground` shows what happens. If the management key differs: `--management-key` or `--force`.",
  },
  {
    says: "Cannot listen on ADDRESS: REASON",
    exitCode: 1,
    means:
      "The port is taken (the message names the program and its pid, or the auth dir of the other cdx2, where they are known), the machine has no such address, or the port needs more rights.",
    remedy: "Pass another `--port`, above 1023, or another `--host`; or stop the program that uses the port.",
  },
  {
    says: "The proxy is already running",
    exitCode: 1,
    means: "`--foreground` does not start a second proxy for the same auth dir.",
    remedy: "`cdx2 stop`, or `--force`.",
  },
  {
    says: "The proxy crashed too often, the last time: REASON",
    exitCode: 1,
    means: "A bug in cdx2: its serving part ended with an error, and so did those that followed it.",
    remedy: "Start it again, and report the bug with the log.",
  },
  {
    says: "Cannot stop the proxy: REASON · Cannot stop the proxy: pid PID is still running",
    exitCode: 1,
    means:
      "It was still running after it was killed, or the process may not be the proxy. A process that may be another program is left alone.",
    remedy: "Check with `ps -p PID` (Windows: `tasklist`, then `taskkill /f /pid PID`), and end it yourself.",
  },
  {
    says: "The proxy is not running",
    exitCode: 1,
    means: "The command needs a running proxy, and there is none for this auth dir.",
    remedy: "`cdx2 proxy` starts it.",
  },
  {
    says: "The proxy (pid PID) does not answer: REASON · The proxy does not answer: REASON",
    exitCode: 1,
    means: "It is running, but does not answer, or not as cdx2 does.",
    remedy: "`cdx2 status`; `cdx2 proxy --force` replaces it.",
  },
  {
    says: "The running proxy has another management key",
    exitCode: 1,
    means: "It was started with another key than this command has.",
    remedy: "Pass its key with `--management-key`.",
  },
  {
    says: "Cannot use the key FILE: REASON",
    exitCode: 1,
    means: "`--key` names a file that gives no key, or a key that is disabled.",
    remedy: "`cdx2 auth list` shows the keys; `cdx2 auth enable KEY`.",
  },
  {
    says: "There are no usable keys in FOLDER · There are no keys on the gateway ADDRESS",
    exitCode: 1,
    means: "`all` has no key to ask.",
    remedy: "`cdx2 auth login` or `cdx2 auth import`; with a gateway, there.",
  },
  {
    says:
      "Cannot run Codex: there are no keys yet · Cannot run Codex: the tokens of the keys are in the keyring: REASON",
    exitCode: 1,
    means: "The pool is empty, so that Codex would fail at its first request.",
    remedy:
      "`cdx2 auth login`, or `cdx2 auth import` where Codex has a login. On a terminal, `cdx2 codex` asks.",
  },
  {
    says: "Cannot log in: REASON",
    exitCode: 1,
    means:
      "The issuer gave no tokens, nobody finished the login in time, or it is of another account than the key to replace. Nothing was changed.",
    remedy:
      "The hint says what to do; usually to log in again. `--browser`, `--device` and `--manual` are three ways.",
  },
  {
    says: "Cannot log in in several ways at once · Cannot make NAME and replace a key at once",
    exitCode: 2,
    means: "Options were given that exclude each other.",
    remedy: "Name only one of them.",
  },
  {
    says: "Cannot import Codex's login: there is no PATH",
    exitCode: 1,
    means: "Codex is not logged in, or keeps its login in the system's keyring.",
    remedy: "`cdx2 auth login`, name an auth file, or pass an API key with `--api-key-stdin`.",
  },
  {
    says: "Cannot import PATH: REASON · Cannot import the key: REASON",
    exitCode: 1,
    means:
      "The file does not exist, holds no login of OpenAI, its account already has a key, or the upstream rejects the token.",
    remedy:
      "Name another file; `--replace` replaces an older login of the same account, `--no-check` does not ask the upstream.",
  },
  {
    says: "Cannot import a key from standard input: it is empty · " +
      "Cannot import a key from standard input: it holds more than one key, or something else",
    exitCode: 1,
    means: "With `--api-key-stdin`, standard input must hold one API key and nothing else.",
    remedy: "Other logins come in with `cdx2 auth import - < FILE`.",
  },
  {
    says: "Cannot move PATH: REASON · Cannot move a login out of standard input",
    exitCode: 2,
    means:
      "`--move` removes the source, and something in it would be lost, or it is in the auth dir already, or there is nothing to remove.",
    remedy: "Leave out `--move`: then the source stays.",
  },
  {
    says: "Cannot move a login and borrow it at once · Cannot give one name to NUMBER keys",
    exitCode: 2,
    means: "Options were given that exclude each other, or one name for a file with several logins.",
    remedy: "Leave out one of them; `cdx2 auth rename` gives keys other names.",
  },
  {
    says: "Cannot import FILE and a key from standard input at once",
    exitCode: 2,
    means: "Two sources were given.",
    remedy: "Name only one of them.",
  },
  {
    says:
      "Cannot reset the key: REASON · Cannot find the key: REASON · Cannot remove the key · Cannot rename the key · Cannot rename FILE: REASON",
    exitCode: 1,
    means: "The name means no key, or several, or the new name is taken.",
    remedy: "`cdx2 auth list` shows the names.",
  },
  {
    says:
      "Cannot move tokens into the keyring: REASON · Cannot import keys into the keyring: REASON · Cannot move the tokens: REASON · Cannot move the tokens of FILE: REASON",
    exitCode: 1,
    means:
      "The keyring of the system is locked, missing, or does not answer, or the name means no key. Nothing was moved.",
    remedy: "Unlock or install it, as the hint says, or keep tokens in files.",
  },
  {
    says: "Cannot change FILE: REASON · Cannot change the auth files in FOLDER: REASON",
    exitCode: 1,
    means: "The file is hard-linked, leads out of the folder, or another program is writing it.",
    remedy: "Try again in a moment, or change the file by hand.",
  },
  {
    says: "Cannot ask whether to remove FILE: standard input is not a terminal",
    exitCode: 2,
    means: "A script removes a key without confirming it.",
    remedy: "Add `--yes`.",
  },
  {
    says: "Bad --set TEXT: allowed is name=value for a rule of rotation · --set works only with --replay",
    exitCode: 2,
    means: "`doctor --set` names no rule, or is used without `--replay`.",
    remedy: "The hint lists the rules; they are settings.",
  },
  {
    says: "PATH records no request that was given a key",
    exitCode: 1,
    means: "`doctor --replay` was given a file that is not an event log, or an empty one.",
    remedy: "`cdx2 status` shows where the proxy writes its event log.",
  },
  {
    says: "The usage history cannot be read: REASON",
    exitCode: 1,
    means: "The database of `cdx2 usage` is damaged, or another program holds it.",
    remedy: "The running proxy sets a damaged one aside with the next request; else try again in a moment.",
  },
  {
    says:
      "The usage history of this machine has no members · Members of a shared pool do not tell what they used by GROUP",
    exitCode: 2,
    means: "`usage --by` was given a group that there is only with `--pool`, or only without it.",
    remedy: "The hint says what to type.",
  },
  {
    says: "What the members of the pool used cannot be told: REASON",
    exitCode: 1,
    means: "`usage --pool` asks the proxy, which shares no pool or cannot reach its server.",
    remedy: "`cdx2 pool` shows how it is doing.",
  },
  {
    says: "Cannot run PROGRAM: REASON",
    exitCode: 127,
    means: "`codex` or `run` found no such program; with exit code 126 there is one that cannot be executed.",
    remedy: "Install it, or set `CDX2_CODEX_BIN` to the path of Codex.",
  },
  {
    says: "Unexpected NAME: REASON",
    exitCode: 1,
    means: "A bug in cdx2.",
    remedy: "Report it with the output of `CDX2_DEBUG=1`.",
  },
];

/** An answer that the proxy itself gives a client, as `{"error":{"type","message"}}`. */
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
      "No key is usable now, and at least one has used up its quota or is in cooldown. `Retry-After` and `resets_at` say until when.",
    remedy: "Wait, or add a key.",
  },
  {
    type: "rate_limit_exceeded",
    status: "429",
    means: "The upstream limits requests for some seconds, whichever key they have.",
    remedy: "Nothing; Codex retries by itself.",
  },
  {
    type: "no_usable_keys",
    status: "400 for Codex, else 503",
    means: "All keys are blacklisted or on probation.",
    remedy:
      "`cdx2 doctor` shows the causes; `cdx2 auth import` replaces a login, `cdx2 reset` gives every key another chance.",
  },
  {
    type: "no_keys",
    status: "400 for Codex, else 503",
    means: "No auth file holds a key.",
    remedy: "`cdx2 auth import`.",
  },
  {
    type: "too_many_attempts",
    status: "503",
    means: "As many keys were tried as one request may try, and none could serve it; other keys are left.",
    remedy: "Try again; `cdx2 doctor` shows the causes, `CLIPROXY_MAX_ATTEMPTS` raises the number.",
  },
  {
    type: "upstream_refuses_request",
    status: "503 (Codex: 400)",
    means: "The upstream answered 401 because of the request, not because of the key.",
    remedy:
      "The message has the upstream's name for it, such as `mismatched_organization`: change the request.",
  },
  {
    type: "upstream_refuses_all",
    status: "503",
    means: "Every key was refused in the same way at the same time, so the keys are not the cause.",
    remedy: "Try again later.",
  },
  {
    type: "upstream_unreachable",
    status: "502",
    means: "The connection to the upstream failed twice, or broke before the answer.",
    remedy: "Check the network and `--upstream`.",
  },
  {
    type: "upstream_timeout",
    status: "504",
    means: "The upstream did not connect or answer in time.",
    remedy: "Try again; the timeouts are settings.",
  },
  {
    type: "usage_unknown",
    status: "503",
    means: "A client asked for the pool's usage, and no key could be asked.",
    remedy: "`cdx2 doctor`.",
  },
  {
    type: "request_timeout",
    status: "408",
    means: "Nothing came of the request's body for a while, and not all of it was there.",
    remedy: "Look at the client; `CLIPROXY_BODY_IDLE_TIMEOUT_SECONDS` allows it more time.",
  },
  {
    type: "request_too_large",
    status: "413",
    means: "The body is larger than the proxy buffers.",
    remedy: "`CLIPROXY_BODY_LIMIT_MB` raises the limit.",
  },
  {
    type: "not_forwardable",
    status: "400",
    means: "The request cannot be forwarded, such as a GET with a body.",
    remedy: "Change the client.",
  },
  {
    type: "overloaded",
    status: "503",
    means: "The proxy has almost as many files and sockets open as the system lets it.",
    remedy: "Try again; raise the limit with `ulimit -n` before `cdx2 proxy --force` if it happens often.",
  },
  {
    type: "no_such_page",
    status: "404",
    means: "The path is nearly that of a management endpoint, such as `/debug/` or `/DEBUG`.",
    remedy: "Write it in lower case, without a slash at its end.",
  },
  {
    type: "client_key_needed",
    status: "401 (Codex: 400)",
    means: "Other machines can reach the proxy, and the request has no client's key or a wrong one.",
    remedy: "`cdx2 clients add NAME` makes a key; the client sends it as its API key or in `x-api-key`.",
  },
  {
    type: "unknown_key",
    status: "404 (Codex: 400)",
    means:
      "The request asks for a key (`x-cdx2-key`, or a base URL from `--key`) by a name that means none, or several.",
    remedy: "Use one of the names that the message lists.",
  },
  {
    type: "too_many_wrong_keys",
    status: "429",
    means:
      "The client's address presented one wrong key after another. `Retry-After` says when the next is looked at.",
    remedy: "Give the client a right key.",
  },
  {
    type: "forbidden",
    status: "403",
    means: "The request comes from a web page of another site, or its `Host` is not the proxy.",
    remedy:
      "Use the proxy as 127.0.0.1 or localhost. `CLIPROXY_ALLOWED_HOSTS` and `CLIPROXY_ALLOWED_ORIGINS` admit more names.",
  },
  {
    type: "upgrade_refused",
    status: "426",
    means:
      "A client asked for a WebSocket where none can be had: it is off, the route or the upstream has none, or an HTTP proxy on the way opens no tunnel.",
    remedy: "Nothing; Codex continues over HTTP at once.",
  },
  {
    type: "shutting_down",
    status: "503",
    means: "The proxy is stopping.",
    remedy: "Start it again with `cdx2 proxy`.",
  },
  {
    type: "internal_error",
    status: "500",
    means: "A bug in cdx2.",
    remedy: "`cdx2 logs` shows it with the request id of the message; report it.",
  },
];

/** `[exit code, meaning]` */
export const EXIT_CODES: readonly (readonly [string, string])[] = [
  ["0", "Done."],
  [
    "1",
    "Failed: the proxy is not running, or the network or a file failed. Also the code of `status`, `doctor` and `all` when not all is well.",
  ],
  ["2", "Wrong usage or settings. Nothing was done."],
  ["126", "The program that `codex` or `run` should start is not executable."],
  ["127", "There is no such program."],
  ["130", "Interrupted with Ctrl-C."],
];
