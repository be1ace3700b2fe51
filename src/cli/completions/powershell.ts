/**
 * The completion script for PowerShell, from 5.1 on. Where it offers nothing, PowerShell offers files by itself.
 * @module
 */

import { powershellQuoted } from "../shell_quote.ts";
import { type CommandGrammar, everyCommand, optionsWithValue, runsAnother, type Values } from "./grammar.ts";

export function powershellScript(root: CommandGrammar): string {
  const commands = everyCommand(root);
  const anothers = commands.filter(runsAnother).map(({ place }) => powershellQuoted(place)).join(", ");
  return `# Completions of cdx2 for PowerShell. In $PROFILE: cdx2 completions powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName cdx2 -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # What can stand where: options of a command, values of an option, words by their number.
    $offers = @{
${commands.flatMap(offersOf).map((line) => `        ${line}\n`).join("")}    }

    $place = 'cdx2'
    $given = 0
    $option = ''
    $ended = $false
    foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        $word = $element.Extent.Text
        if ($option) { $option = '' }
        elseif ($word -eq '--') { $ended = $true }
        elseif ($word.StartsWith('-') -and -not $ended) {
            if ($offers.ContainsKey("$place $word")) { $option = $word }
        }
        elseif (-not $ended -and $offers.ContainsKey("$place $word")) { $place = "$place $word" }
        else {
            $given++
            if (@(${anothers}) -contains $place) { $ended = $true }
        }
    }

    $at = "$place $given"
    if ($option) { $at = "$place $option" }
    elseif ($wordToComplete.StartsWith('-') -and -not $ended) { $at = $place }
    $offer = $offers[$at]
    if ($offer -eq 'keys') {
        $folder = $env:CLIPROXY_AUTH_DIR
        if (-not $folder) { $folder = Join-Path $HOME '.codex/_auths' }
        $offer = [ordered]@{}
        Get-ChildItem -LiteralPath $folder -Filter *.json -ErrorAction SilentlyContinue |
            Where-Object { $_.Name -notlike 'rr_proxy_v2.*' } |
            ForEach-Object { $offer[$_.Name] = 'Key file' }
    }
    foreach ($text in $offer.Keys) {
        if (-not $text.StartsWith($wordToComplete)) { continue }
        $typed = $text
        if ($text -match '[^\\w.@-]') { $typed = "'" + $text.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($typed, $text, 'ParameterValue', $offer[$text])
    }
}
`;
}

function offersOf(command: CommandGrammar): readonly string[] {
  const { place, commands, options, words } = command;
  const inner = commands.map(({ name, does }) => [name, does] as const);
  return [
    entry(place, table(options.flatMap(({ names, does }) => names.map((name) => [name, does] as const)))),
    ...(inner.length > 0 ? [entry(`${place} 0`, table(inner))] : []),
    ...words.map((values, index) => entry(`${place} ${index}`, offer(values))),
    ...optionsWithValue(command).flatMap(({ names, value }) =>
      names.map((name) => entry(`${place} ${name}`, offer(value)))
    ),
  ];
}

function entry(at: string, offer: string): string {
  return `${powershellQuoted(at)} = ${offer}`;
}

// An empty table tells that something comes there, and leaves it to PowerShell.
function offer(values: Values): string {
  switch (values.kind) {
    case "words":
      return table(values.words.map((word) => [word, word] as const));
    case "keys":
      return "'keys'";
    default:
      return table([]);
  }
}

function table(rows: readonly (readonly [text: string, does: string])[]): string {
  const cells = rows.map(([text, does]) => `${powershellQuoted(text)} = ${powershellQuoted(does)}`);
  return `[ordered]@{ ${cells.join("; ")} }`;
}
