# shellcheck shell=bash
# Times what is done at each prompt, in one interactive bash: bash --norc -i prompt.bash SETUP COUNT
# [DIRECTORY]... Prints ns a prompt; given directories, the shell goes to the next before each. SETUP is
# a file to source.
PROMPT_COMMAND=
# shellcheck source=/dev/null
. "$1"
count=$2
shift 2
directories=("${@:-$PWD}")

run_hooks() {
	local hook
	for hook in "${PROMPT_COMMAND[@]}"; do
		eval "$hook"
	done
}

for directory in "${directories[@]}" "${directories[@]}"; do # whatever is done but once
	cd "$directory" || exit 1
	run_hooks
done
start=${EPOCHREALTIME/[.,]/}
for ((i = 0; i < count; i++)); do
	[ $# -eq 0 ] || cd "${directories[i % $#]}" || exit 1
	run_hooks
done
end=${EPOCHREALTIME/[.,]/}
echo "$(((end - start) * 1000 / count))"
exit
