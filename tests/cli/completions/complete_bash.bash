# Prints what bash completes. Words are split and candidates inserted as bash does on a terminal: after the last "=" or
# ":", or from the last "@" on.
# bash complete_bash.bash SCRIPT LINE...   prints for each line ">LINE", then one line per candidate.

source "$1"
for line in "${@:2}"; do
  echo ">$line"
  COMP_LINE="$line" COMP_POINT="${#line}" COMP_WORDS=()
  while [[ $line =~ ^[[:space:]]*(([^[:space:]=@:\\]|\\.)+|[=@:]+)(.*)$ ]]; do
    COMP_WORDS+=("${BASH_REMATCH[1]}")
    line="${BASH_REMATCH[3]}"
  done
  [[ $COMP_LINE == *[[:space:]] ]] && COMP_WORDS+=('')
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  word="${COMP_WORDS[COMP_CWORD]}"
  [[ $word == [=:] ]] && word=''
  [[ ${COMP_WORDS[COMP_CWORD - 1]} == @ ]] && word="@$word"
  _cdx2 cdx2 "$word"
  for reply in "${COMPREPLY[@]}"; do
    typed="${COMP_LINE%"$word"}$reply"
    echo "${typed##*[^\\] }"
  done
done
