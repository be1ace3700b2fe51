/**
 * What a start file of a shell evaluates: `codex` as a function that runs Codex through the proxy, and completions that are
 * loaded at the first Tab. The scripts are fixed texts, so that a new terminal waits for nothing but the start of cdx2.
 * @module
 */

// Without cdx2, as after it was removed, the function runs Codex itself. "--" ends the options of cdx2, so that
// `codex --help` is Codex's.
const BASH = `codex() {
  if type -P cdx2 >/dev/null; then
    command cdx2 codex -- "$@"
  else
    command codex "$@"
  fi
}
_cdx2() {
  unset -f _cdx2
  eval "$(command cdx2 completions bash)"
  if declare -F _cdx2 >/dev/null; then _cdx2 "$@"; fi
}
complete -F _cdx2 cdx2
`;

const ZSH = `codex() {
  if (( $+commands[cdx2] )); then
    command cdx2 codex -- "$@"
  else
    command codex "$@"
  fi
}
if (( $+functions[compdef] )); then
  _cdx2() {
    unfunction _cdx2
    eval "$(command cdx2 completions zsh)"
    if (( $+functions[_cdx2] )); then _cdx2 "$@"; fi
  }
  compdef _cdx2 cdx2
fi
`;

const FISH = `function codex --description 'Codex through cdx2'
    if command -q cdx2
        command cdx2 codex -- $argv
    else
        command codex $argv
    end
end
function __cdx2_load
    complete -c cdx2 -e
    command cdx2 completions fish | source
    complete -C (commandline -cp)
end
complete -c cdx2 -f -a '(__cdx2_load)'
`;

const POWERSHELL = `function codex {
  if (Get-Command cdx2 -CommandType Application -ErrorAction Ignore) {
    & (Get-Command cdx2 -CommandType Application | Select-Object -First 1) codex '--' @args
  } else {
    & (Get-Command codex -CommandType Application, ExternalScript | Select-Object -First 1) @args
  }
}
Register-ArgumentCompleter -Native -CommandName cdx2 -ScriptBlock {
  param($word, $line, $cursor)
  cdx2 completions powershell | Out-String | Invoke-Expression
  (TabExpansion2 -inputScript $line.ToString() -cursorColumn $cursor).CompletionMatches
}
`;

/** The script of each shell. */
export const SHELL_SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH, powershell: POWERSHELL } as const;

/** A shell that has a script. */
export type ShellName = keyof typeof SHELL_SCRIPTS;
