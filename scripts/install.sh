#!/bin/sh
# Installs cdx2 for this user: fetches the executable for this system, checks its SHA-256, and puts it into a folder.
#
#   sh install.sh [--version 1.2.3] [--to FOLDER]     default: the latest version, into ~/.local/bin
#   sh install.sh --uninstall [--to FOLDER]           undoes what cdx2 has set up, and removes it; keys stay
#
# CDX2_RELEASES_URL names another place of the releases.
set -eu

releases_url=${CDX2_RELEASES_URL:-@RELEASES_URL@}
version=latest
folder=${CDX2_INSTALL_DIR:-${HOME:-}/.local/bin}
action=install
work=

say() { printf '%s\n' "$*" >&2; }

# fail MESSAGE HINT
fail() {
  say "Cannot install cdx2: $1"
  say "hint: $2"
  exit 1
}

clean_up() { if [ -n "$work" ]; then rm -rf "$work"; fi; }
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

main() {
  while [ $# -gt 0 ]; do
    case $1 in
      --version | --to)
        [ $# -gt 1 ] || fail "$1 wants a value" 'sh install.sh --version 1.2.3 --to FOLDER'
        if [ "$1" = --version ]; then version=${2#v}; else folder=$2; fi
        shift 2
        ;;
      --uninstall) action=uninstall && shift ;;
      -h | --help) sed -n 's/^# \{0,1\}//; 2,7p' "$0" && exit 0 ;;
      *) fail "there is no option $1" 'the options are --version, --to and --uninstall' ;;
    esac
  done
  "$action"
}

install() {
  case $releases_url in
    @*) fail 'this copy of the script does not know where releases are' 'set CDX2_RELEASES_URL, or build from source' ;;
    https://* | http://127.0.0.1:* | http://localhost:*) ;;
    *) fail "$releases_url is not https" 'set CDX2_RELEASES_URL to an https address' ;;
  esac
  target=$(target_here)
  file=cdx2-$target.gz
  from=$releases_url/latest/download
  [ "$version" = latest ] || from=$releases_url/download/v$version

  mkdir -p "$folder" 2>/dev/null || fail "the folder $folder cannot be made" 'name a folder of yours with --to'
  # In the same folder, so that the last step is a rename: a running cdx2 keeps its file.
  work=$(mktemp -d "$folder/.cdx2-install.XXXXXX" 2>/dev/null) ||
    fail "$folder cannot be written to" 'name a folder of yours with --to, or free some space'
  fetch "$from/SHA256SUMS" "$work/SHA256SUMS"
  fetch "$from/$file" "$work/$file"
  check_sum "$file"
  gunzip -c "$work/$file" >"$work/cdx2" 2>/dev/null ||
    fail "$file cannot be unpacked into $folder" 'free some space on that disk'
  chmod 755 "$work/cdx2"
  new=$("$work/cdx2" --version 2>&1) || fail "the executable does not start: $new" "say so to the makers, with: uname -a"
  had_one=
  if [ -e "$folder/cdx2" ]; then had_one=1; fi
  mv -f "$work/cdx2" "$folder/cdx2" || fail "$folder/cdx2 cannot be replaced" 'remove it first'
  say "installed cdx2 $new as $folder/cdx2"
  if [ -n "$had_one" ] && "$folder/cdx2" status --quiet >/dev/null 2>&1; then
    say 'a proxy is running, perhaps of the old version: "cdx2 proxy --force" restarts it'
  fi
  path_advice
}

# The name of this system in the names of the files.
target_here() {
  system=$(uname -s) machine=$(uname -m)
  case $machine in
    x86_64 | amd64) cpu=x86_64 ;;
    aarch64 | arm64) cpu=aarch64 ;;
    *) fail "there is no release for the processor $machine" 'there are ones for x86_64 and aarch64; build from source' ;;
  esac
  case $system in
    Linux)
      if (ldd --version 2>&1 || true) | grep -qi musl; then
        fail 'there is no release for Linux with musl' 'use a container with glibc, such as Debian'
      fi
      echo "$cpu-unknown-linux-gnu"
      ;;
    Darwin)
      # An x86_64 shell on an Apple processor.
      if [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" = 1 ]; then cpu=aarch64; fi
      echo "$cpu-apple-darwin"
      ;;
    *) fail "there is no release for $system" 'on Windows use install.ps1; elsewhere build from source' ;;
  esac
}

# fetch URL FILE
fetch() {
  if command -v curl >/dev/null; then
    code=0
    curl --fail --silent --show-error --location --connect-timeout 15 --retry 2 --output "$2" "$1" 2>"$work/said" || code=$?
    # 23: curl could not write what it got.
    [ "$code" != 23 ] || fail "$folder cannot hold the download" 'free some space on that disk'
  elif command -v wget >/dev/null; then
    code=0
    wget --quiet --tries=3 --timeout=15 --output-document="$2" "$1" 2>"$work/said" || code=$?
    [ "$code" != 3 ] || fail "$folder cannot hold the download" 'free some space on that disk'
  else
    fail 'there is neither curl nor wget' 'install one of them'
  fi
  [ "$code" = 0 ] || fail "$1 cannot be fetched: $(head -n 1 "$work/said")" 'look at the network, the version and CDX2_RELEASES_URL'
}

# check_sum FILE
check_sum() {
  wanted=$(awk -v name="$1" '$2 == name || $2 == "*" name { print $1 }' "$work/SHA256SUMS")
  [ -n "$wanted" ] || fail "SHA256SUMS has no line for $1" 'this release has no executable for your system'
  if command -v sha256sum >/dev/null; then
    found=$(sha256sum "$work/$1")
  elif command -v shasum >/dev/null; then
    found=$(shasum -a 256 "$work/$1")
  else
    fail 'there is neither sha256sum nor shasum' 'install one of them: without it the download cannot be checked'
  fi
  [ "${found%% *}" = "$wanted" ] ||
    fail "the SHA-256 of $1 is ${found%% *}, not $wanted" 'the download is damaged or was changed on the way: nothing was installed'
}

path_advice() {
  case :$PATH: in
    *:"$folder":*) return ;;
  esac
  say "$folder is not on your PATH. Add this line to the start file of your shell:"
  case ${SHELL:-sh} in
    */fish) say "  fish_add_path '$folder'" ;;
    *) say "  export PATH=\"$folder:\$PATH\"" ;;
  esac
}

uninstall() {
  [ -e "$folder/cdx2" ] || fail "there is no $folder/cdx2" 'name its folder with --to'
  for undo in 'setup codex --undo' 'service uninstall' 'stop'; do
    # The words of a command.
    # shellcheck disable=SC2086
    "$folder/cdx2" $undo >&2 || say "\"cdx2 $undo\" failed; going on"
  done
  rm -f "$folder/cdx2"
  say "removed $folder/cdx2; keys, settings and logs stay in ~/.codex/_auths"
}

main "$@"
