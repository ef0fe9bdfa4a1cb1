# The same as prompt.bash, in fish: fish --no-config -i prompt.fish SETUP COUNT [DIRECTORY]...
source $argv[1]
set -g count $argv[2]
set -g directories $argv[3..-1]
set -q directories[1]; or set -g directories $PWD
set -g goes (count $argv[3..-1])

for directory in $directories $directories
    cd $directory; or exit 1
    emit fish_prompt
end
set -l start (date +%s%N)
for i in (seq $count)
    test $goes -eq 0; or cd $directories[(math $i % $goes + 1)]
    emit fish_prompt
end
set -l finish (date +%s%N)
math -s0 "($finish - $start) / $count"
exit
