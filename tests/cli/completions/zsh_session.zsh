PROMPT= RPROMPT=
autoload -Uz compinit
compinit -u -D
source $1

# Says what it is given instead of showing it.
compadd() {
  local -a offers
  # With these it only looks for matches.
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  builtin compadd -A offers "$@"
  (( $#offers )) && print -rl -- offer:${^offers}
  return 1
}

ask() {
  zle complete-word
  print ':asked:'
}
zle -N ask
bindkey '^I' ask
