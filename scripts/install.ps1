# Installs cdx2 for this user: fetches the executable, checks its SHA-256, and puts it into a folder.
#
#   .\install.ps1 [-Version 1.2.3] [-To FOLDER]     default: the latest version, into %LOCALAPPDATA%\cdx2\bin
#   .\install.ps1 -Uninstall [-To FOLDER]           undoes what cdx2 has set up, and removes it; keys stay
#
# CDX2_RELEASES_URL names another place of the releases.
param(
  [string]$Version = 'latest',
  [string]$To = (Join-Path $env:LOCALAPPDATA 'cdx2\bin'),
  [switch]$Uninstall
)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$program = Join-Path $To 'cdx2.exe'

function Fail([string]$message, [string]$hint) {
  [Console]::Error.WriteLine("Cannot install cdx2: $message")
  [Console]::Error.WriteLine("hint: $hint")
  exit 1
}

if ($Uninstall) {
  if (-not (Test-Path $program)) { Fail "there is no $program" 'name its folder with -To' }
  & $program setup codex --undo
  & $program service uninstall
  & $program stop
  Remove-Item $program
  Write-Host "removed $program; keys, settings and logs stay in ~/.codex/_auths"
  exit 0
}

$releases = if ($env:CDX2_RELEASES_URL) { $env:CDX2_RELEASES_URL } else { '@RELEASES_URL@' }
if ($releases.StartsWith('@')) { Fail 'this copy of the script does not know where releases are' 'set CDX2_RELEASES_URL, or build from source' }
if ($releases -notmatch '^https://|^http://(127\.0\.0\.1|localhost):') { Fail "$releases is not https" 'set CDX2_RELEASES_URL to an https address' }
# An x64 program also runs on Windows for ARM.
$file = 'cdx2-x86_64-pc-windows-msvc.zip'
if (-not [Environment]::Is64BitOperatingSystem) { Fail 'there is no release for 32-bit Windows' 'use a 64-bit Windows' }
$from = if ($Version -eq 'latest') { "$releases/latest/download" } else { "$releases/download/v$($Version.TrimStart('v'))" }

$work = Join-Path $To ".cdx2-install.$PID"
try {
  try { New-Item -ItemType Directory -Force $work | Out-Null } catch { Fail "$To cannot be written to" 'name a folder of yours with -To' }
  foreach ($name in 'SHA256SUMS', $file) {
    try { Invoke-WebRequest -UseBasicParsing -Uri "$from/$name" -OutFile (Join-Path $work $name) }
    catch { Fail "$from/$name cannot be fetched: $($_.Exception.Message)" 'look at the network, the version and CDX2_RELEASES_URL' }
  }
  $line = Get-Content (Join-Path $work 'SHA256SUMS') | Where-Object { $_ -match "\s\*?$([regex]::Escape($file))$" }
  if (-not $line) { Fail "SHA256SUMS has no line for $file" 'this release has no executable for your system' }
  $wanted = ($line -split '\s+')[0]
  $found = (Get-FileHash -Algorithm SHA256 (Join-Path $work $file)).Hash.ToLower()
  if ($found -ne $wanted) { Fail "the SHA-256 of $file is $found, not $wanted" 'the download is damaged or was changed on the way: nothing was installed' }
  try { Expand-Archive -Force (Join-Path $work $file) $work }
  catch { Fail "$file cannot be unpacked: $($_.Exception.Message)" 'look whether the disk is full and whether a virus scanner holds the file: nothing was installed' }
  $new = & (Join-Path $work 'cdx2.exe') --version
  if ($LASTEXITCODE -ne 0) { Fail "the executable does not start: $new" 'say so to the makers, with your version of Windows' }
  # The file of a running program cannot be replaced, but it can be renamed.
  $isUpgrade = Test-Path $program
  try {
    if ($isUpgrade) {
      Remove-Item -ErrorAction SilentlyContinue "$program.old"
      Move-Item -Force $program "$program.old"
    }
    Move-Item -Force (Join-Path $work 'cdx2.exe') $program
  } catch {
    $reason = $_.Exception.Message
    if ($isUpgrade -and -not (Test-Path $program)) { Move-Item -ErrorAction SilentlyContinue "$program.old" $program }
    $left = if (Test-Path $program) { 'the old version is still there' } else { 'nothing was installed' }
    Fail "$program cannot be written: $reason" "close the programs that use it and try again: $left"
  }
  Remove-Item -ErrorAction SilentlyContinue "$program.old"
  Write-Host "installed cdx2 $new as $program"
  if (Test-Path "$program.old") { Write-Host 'a proxy of the old version is running: "cdx2 proxy --force" restarts it' }
  if (($env:PATH -split ';') -notcontains $To) {
    Write-Host "$To is not on your PATH. This adds it for your user:"
    Write-Host "  [Environment]::SetEnvironmentVariable('PATH', `"$To;`" + [Environment]::GetEnvironmentVariable('PATH', 'User'), 'User')"
  }
} finally {
  Remove-Item -Recurse -Force -ErrorAction SilentlyContinue $work
}
