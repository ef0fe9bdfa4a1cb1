# Completion of sbx, sbx-NAME and sbxctl in fish. The options are those of src/cli/options.c, the
# verbs those of src/cli/ctl.c; a test compares them.

# Prints the command to run, as far as it stands before the cursor. Fails while options may follow.
function _sbx_command
    set -l words (commandline -opc)
    # FOO=1 sbx, command sbx
    while set -q words[1]; and not string match -qr '(^|/)sbx(-[^/]*)?$' -- $words[1]
        set -e words[1]
    end
    set -e words[1]
    while set -q words[1]
        set -l word $words[1]
        set -e words[1]
        switch $word
            case --
                string join \n -- $words
                return 0
            case '--*=*' '--*-all'
            case --preset --profile --expr --define --env-keep --env-drop --env-set --keep-fd
                set -e words[1]
            case '--allow-*' '--deny-*'
                # The list may be left out.
                string match -q -- '-*' "$words[1]"
                or set -e words[1]
            case '--*'
            case '-?*'
                string match -qr '^-[^pfeD]*[pfeD]$' -- $word
                and set -e words[1]
            case '*'
                string join \n -- $word $words
                return 0
        end
    end
    return 1
end

function _sbx_at_options
    not _sbx_command >/dev/null
end

# The name of a command, or what completes after it.
function _sbx_complete_command
    set -l words (_sbx_command) (commandline -ct)
    string match -q -- '-*' "$words[1]"
    or __fish_complete_subcommand --commandline $words
end

# Prints each preset and alias with its summary, after the text given.
function _sbx_list_presets
    command -q sbxctl
    or return 0
    command sbxctl list 2>/dev/null | while read -l line
        # NAME[, ALIAS]... KIND SUMMARY
        set -l words (string split -n ' ' -- $line)
        set -l names
        for word in $words
            if set -q names[1]; and contains -- $word restrict grant base
                break
            end
            set -a names (string trim -r -c , -- $word)
        end
        set -l summary $words[(math (count $names) + 2)..]
        for name in $names
            printf '%s%s\t%s\n' "$argv" $name "$summary"
        end
    end
end

# Prints what stands before the last comma of the value at the cursor.
function _sbx_list
    commandline -ct | string replace -r '^(--[^=]*=|-p)' '' | string match -r '^.*,'
end

function _sbx_complete_presets
    _sbx_list_presets (_sbx_list)
end

# Paths after the first: fish completes that one.
function _sbx_complete_paths
    set -l list (_sbx_list)
    or return 0
    set -l piece (commandline -ct | string replace -r '^.*,' '')
    for path in (complete -C "sbx --profile $piece")
        echo $list$path
    end
end

function _sbx_follows
    set -l words (commandline -opc)
    test (count $words) -eq 2 -a "$words[2]" = $argv[1]
end

# True behind one of these verbs of sbxctl.
function _sbx_is_verb
    set -l words (commandline -opc)
    test (count $words) -ge 2
    and contains -- $words[2] $argv
end

# An option that says what a policy is: sbx takes it, and so do verbs of sbxctl.
function _sbx_policy_option
    complete -c sbx -n _sbx_at_options $argv
    complete -c sbxctl -n '_sbx_is_verb explain tree' $argv
end

# Once more changes nothing.
complete -c sbx -e
complete -c sbxctl -e

complete -c sbx -x -a '(_sbx_complete_command)'
_sbx_policy_option -s p -l preset -x -a '(_sbx_complete_presets)' -d 'apply presets, by name or alias'
_sbx_policy_option -s f -l profile -r -F -d 'append the SBPL text of FILE'
_sbx_policy_option -s e -l expr -x -d 'append SBPL text'
_sbx_policy_option -s D -l define -x -d 'set a parameter of the profile'
_sbx_policy_option -s A -l allow-all -d 'start from (allow default)'
_sbx_policy_option -l allow-file -r -F -a '(_sbx_complete_paths)' -d 'allow reading and writing below PATH'
_sbx_policy_option -l allow-file-read -r -F -a '(_sbx_complete_paths)' -d 'allow reading below PATH'
_sbx_policy_option -l allow-file-write -r -F -a '(_sbx_complete_paths)' -d 'allow writing below PATH'
_sbx_policy_option -l allow-network -x -d 'allow connecting to it'
_sbx_policy_option -l allow-network-inbound -x -d 'allow listening there'
_sbx_policy_option -l allow-network-outbound -x -d 'allow connecting to it'
_sbx_policy_option -l allow-network-bind -x -d 'allow binding to it'
_sbx_policy_option -l allow-process-exec -r -F -a '(_sbx_complete_paths)' -d 'allow executing PATH'
_sbx_policy_option -l deny-file -r -F -a '(_sbx_complete_paths)' -d 'deny reading and writing below PATH'
_sbx_policy_option -l deny-file-read -r -F -a '(_sbx_complete_paths)' -d 'deny reading below PATH'
_sbx_policy_option -l deny-file-write -r -F -a '(_sbx_complete_paths)' -d 'deny writing below PATH'
_sbx_policy_option -l deny-network -x -d 'deny connecting and listening'
_sbx_policy_option -l deny-network-inbound -x -d 'deny listening there'
_sbx_policy_option -l deny-network-outbound -x -d 'deny connecting to it'
_sbx_policy_option -l deny-network-bind -x -d 'deny binding to it'
_sbx_policy_option -l deny-process-exec -r -F -a '(_sbx_complete_paths)' -d 'deny executing PATH'
_sbx_policy_option -l allow-file-all -d 'the same for everything'
_sbx_policy_option -l allow-file-read-all -d 'the same for everything'
_sbx_policy_option -l allow-file-write-all -d 'the same for everything'
_sbx_policy_option -l allow-network-all -d 'the same for everything'
_sbx_policy_option -l allow-network-inbound-all -d 'the same for everything'
_sbx_policy_option -l allow-network-outbound-all -d 'the same for everything'
_sbx_policy_option -l allow-network-bind-all -d 'the same for everything'
_sbx_policy_option -l allow-process-exec-all -d 'the same for everything'
_sbx_policy_option -l deny-file-all -d 'the same for everything'
_sbx_policy_option -l deny-file-read-all -d 'the same for everything'
_sbx_policy_option -l deny-file-write-all -d 'the same for everything'
_sbx_policy_option -l deny-network-all -d 'the same for everything'
_sbx_policy_option -l deny-network-inbound-all -d 'the same for everything'
_sbx_policy_option -l deny-network-outbound-all -d 'the same for everything'
_sbx_policy_option -l deny-network-bind-all -d 'the same for everything'
_sbx_policy_option -l deny-process-exec-all -d 'the same for everything'
complete -c sbx -n _sbx_at_options -l env-clear -d 'start with an empty environment'
complete -c sbx -n _sbx_at_options -l env-keep -x -d 'keep only the variables that match'
complete -c sbx -n _sbx_at_options -l env-drop -x -d 'drop the variables that match'
complete -c sbx -n _sbx_at_options -l env-set -x -d 'set a variable'
complete -c sbx -n _sbx_at_options -l keep-fd -x -d 'leave descriptor N open for the command'
complete -c sbx -n _sbx_at_options -s n -l dry-run -d 'print the profile and the plan; run nothing'
complete -c sbx -n _sbx_at_options -l best-effort -d 'go on where a rule cannot be enforced here'
complete -c sbx -n _sbx_at_options -s q -l quiet -d 'no warnings'
complete -c sbx -n _sbx_at_options -s v -l verbose -d 'say what is granted less than asked'
complete -c sbx -n _sbx_at_options -s h -l help -d 'print this help'
complete -c sbx -n _sbx_at_options -s V -l version -d 'print the version'

complete -c sbxctl -f
complete -c sbxctl -n __fish_is_first_arg -s h -l help -d 'print this help'
complete -c sbxctl -n __fish_is_first_arg -s V -l version -d 'print the version'
complete -c sbxctl -n __fish_is_first_arg -a list -d 'list the presets: names, kind, what they do'
complete -c sbxctl -n __fish_is_first_arg -a show -d 'print the text of a preset and where it stands'
complete -c sbxctl -n __fish_is_first_arg -a check -d 'check profiles: what they say, and what comes of it here'
complete -c sbxctl -n __fish_is_first_arg -a explain -d 'say what a policy answers, and which rule'
complete -c sbxctl -n __fish_is_first_arg -a tree -d 'draw what a policy gives: files, network, the rest'
complete -c sbxctl -n __fish_is_first_arg -a doctor -d 'try out what this host enforces, and by what'
complete -c sbxctl -n __fish_is_first_arg -a init -d 'print the functions for a shell: zsh, bash or fish'
complete -c sbxctl -n __fish_is_first_arg -a help -d 'print this help'
complete -c sbxctl -n '_sbx_follows show' -a '(_sbx_list_presets)'

complete -c sbxctl -n '_sbx_is_verb explain tree' -l bare -d 'evaluate the text of -f and -e alone, as sandbox-exec'
complete -c sbxctl -n '_sbx_is_verb explain' -l batch -d 'answer lines PROFILE<TAB>QUESTION of standard input'
complete -c sbxctl -n '_sbx_is_verb check explain doctor' -l json -d 'print JSON'
complete -c sbxctl -n '_sbx_is_verb check' -l strict -d 'exit with 1 after a warning or a gap'
complete -c sbxctl -n '_sbx_is_verb init' -l undo -d 'print what takes it all away again'
complete -c sbxctl -n '_sbx_is_verb init' -a 'zsh bash fish'
complete -c sbxctl -n '_sbx_is_verb tree' -l color -x -a 'always never auto' -d 'use colours: always, never or auto'
complete -c sbxctl -n '_sbx_is_verb check explain tree doctor init' -s h -l help -d 'print this help'
complete -c sbxctl -n '_sbx_is_verb check' -s D -l define -x -d 'set a parameter of the profile'
complete -c sbxctl -n '_sbx_is_verb check explain' -F

for path in $PATH/sbx-*
    set -l name (string replace -r '.*/' '' -- $path)
    complete -c $name -e
    complete -c $name -w sbx
end
