# Prints what zsh completes: types the lines and presses Tab in a real zsh with its own terminal.
# zsh -f complete_zsh.zsh SCRIPT LINE...   prints for each line ">LINE", then one line per candidate.

zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "source ${(q)0:A:h}/zsh_session.zsh ${(q)1}; print :set''up:"
zpty -r shell said '*:setup:*'
for line in "${@:2}"; do
  zpty -w -n shell "$line"$'\t'
  zpty -r shell said '*:asked:*'
  print -r -- ">$line"
  print -r -- "$said" | sed -n $'s/.*offer://; t show; b; :show; s/\r$//; p'
  # Ctrl-U clears the line.
  zpty -w -n shell $'\x15'
done
