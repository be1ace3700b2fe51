# Prints what fish completes; fish has a command that lists it.
# fish complete_fish.fish SCRIPT LINE...   prints for each line ">LINE", then one line per candidate.

source $argv[1]
for line in $argv[2..-1]
    echo ">$line"
    complete -C $line | string replace -r '\t.*' ''
end
# A line without candidates is not a failure.
true
