# The same as prompt.bash, in zsh: zsh -f -i prompt.zsh SETUP COUNT [DIRECTORY]...
zmodload zsh/datetime
unset zle_bracketed_paste
. $1
count=$2
shift 2
directories=($@)
(( $# )) || directories=($PWD)

run_hooks() {
	local hook
	(( ! ${+functions[precmd]} )) || precmd
	for hook in $precmd_functions; do
		$hook
	done
}

for directory in $directories $directories; do
	cd $directory || exit 1
	run_hooks
done
start=$EPOCHREALTIME
for (( i = 0; i < count; i++ )); do
	(( ! $# )) || cd $directories[i%$#+1] || exit 1
	run_hooks
done
printf '%.0f\n' $(( (EPOCHREALTIME - start) * 1000000000 / count ))
exit
