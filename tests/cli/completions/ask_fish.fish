# What fish would offer: it has a way to be asked.
# fish ask_fish.fish SCRIPT LINE...   prints for each line ">LINE", then a line for each offer.

source $argv[1]
for line in $argv[2..-1]
    echo ">$line"
    complete -C $line | string replace -r '\t.*' ''
end
# A line without offers is no failure.
true
