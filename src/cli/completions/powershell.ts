/**
 * The completion script for PowerShell 5.1 and later. Where it returns nothing, PowerShell completes file names.
 * @module
 */

import { powershellQuoted } from "../shell_quote.ts";
import { type Candidates, type CommandSpec, everyCommand, optionsWithValue, runsProgram } from "./spec.ts";

/** @returns the script, to be evaluated in `$PROFILE` */
export function powershellScript(root: CommandSpec): string {
  const commands = everyCommand(root);
  const runners = commands.filter(runsProgram).map(({ path }) => powershellQuoted(path)).join(", ");
  return `# cdx2 completions for PowerShell. In $PROFILE: cdx2 completions powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName cdx2 -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # By position: the options of a command, the values of an option, the arguments by number.
    $completions = @{
${commands.flatMap(entriesOf).map((line) => `        ${line}\n`).join("")}    }

    $path = 'cdx2'
    $argCount = 0
    $option = ''
    $ended = $false
    foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        $word = $element.Extent.Text
        if ($option) { $option = '' }
        elseif ($word -eq '--') { $ended = $true }
        elseif ($word.StartsWith('-') -and -not $ended) {
            if ($completions.ContainsKey("$path $word")) { $option = $word }
        }
        elseif (-not $ended -and $completions.ContainsKey("$path $word")) { $path = "$path $word" }
        else {
            $argCount++
            if (@(${runners}) -contains $path) { $ended = $true }
        }
    }

    $position = "$path $argCount"
    if ($option) { $position = "$path $option" }
    elseif ($wordToComplete.StartsWith('-') -and -not $ended) { $position = $path }
    $candidates = $completions[$position]
    if ($candidates -eq 'keys') {
        $folder = $env:CLIPROXY_AUTH_DIR
        if (-not $folder) { $folder = Join-Path $HOME '.codex/_auths' }
        $candidates = [ordered]@{}
        Get-ChildItem -LiteralPath $folder -Filter *.json -ErrorAction SilentlyContinue |
            Where-Object { $_.Name -notlike 'rr_proxy_v2.*' } |
            ForEach-Object { $candidates[$_.Name] = 'Key file' }
        cdx2 key-names 2>$null | ForEach-Object { $candidates[$_] = 'Key' }
    }
    foreach ($text in $candidates.Keys) {
        if (-not $text.StartsWith($wordToComplete)) { continue }
        $typed = $text
        if ($text -match '[^\\w.@-]') { $typed = "'" + $text.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($typed, $text, 'ParameterValue', $candidates[$text])
    }
}
`;
}

function entriesOf(command: CommandSpec): readonly string[] {
  const { path, commands, options, args } = command;
  const inner = commands.map(({ name, summary }) => [name, summary] as const);
  const optionRows = options.flatMap(({ names, summary }) => names.map((name) => [name, summary] as const));
  return [
    entry(path, table(optionRows)),
    ...(inner.length > 0 ? [entry(`${path} 0`, table(inner))] : []),
    ...args.map((candidates, index) => entry(`${path} ${index}`, candidateTable(candidates))),
    ...optionsWithValue(command).flatMap(({ names, value }) =>
      names.map((name) => entry(`${path} ${name}`, candidateTable(value)))
    ),
  ];
}

function entry(position: string, candidates: string): string {
  return `${powershellQuoted(position)} = ${candidates}`;
}

// An empty table says that something is expected here, and leaves it to PowerShell.
function candidateTable(candidates: Candidates): string {
  switch (candidates.kind) {
    case "choices":
      return table(candidates.choices.map((choice) => [choice, choice] as const));
    case "keys":
      return "'keys'";
    default:
      return table([]);
  }
}

function table(rows: readonly (readonly [text: string, summary: string])[]): string {
  const cells = rows.map(([text, summary]) => `${powershellQuoted(text)} = ${powershellQuoted(summary)}`);
  return `[ordered]@{ ${cells.join("; ")} }`;
}
