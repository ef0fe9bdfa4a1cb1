# Completion of sbx, sbx-NAME, sbxctl and sandbox-exec in fish. The options are those of src/cli/options.c, the
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
            case -
                string join \n -- $word $words
                return 0
            case '-*'
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
    set -l ctl {$_sbx_program}ctl
    test -x "$ctl"
    or set ctl (command -s sbxctl)
    or return 0
    command $ctl list 2>/dev/null | while read -l line
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

# Addresses after those of a list. HOST is localhost or *, PORT * or a number: known are those of TCP.
function _sbx_complete_hosts
    set -l list (_sbx_list)
    set -l piece (commandline -ct | string replace -r '^(--[^=]*=)?(.*,)?' '')
    set -l host (string match -r '^(?:localhost|\*):' -- (string unescape -- $piece))
    or printf '%s%s\n' "$list" localhost: "$list" '*:'
    set -q host[1]
    or return
    printf '%s%s*\tevery port\n' "$list" $host
    test -r /etc/services
    and string replace -fr '^(\S+)\s+(\d+)/tcp\b.*' "$list$host\$2\t\$1" </etc/services
end

# The operations of src/policy/operations.def; a test compares them.
function _sbx_operations
    printf '%s\n' default appleevent-send authorization-right-obtain boot-arg-set 'device*' device-camera \
        device-microphone darwin-notification-post distributed-notification-post \
        dynamic-code-generation 'file*' file-chroot file-clone file-ioctl file-issue-extension \
        file-link file-map-executable file-mknod file-mount file-mount-update 'file-read*' \
        file-read-data file-read-metadata file-read-xattr file-revoke file-search \
        file-test-existence file-unmount 'file-write*' file-write-acl file-write-create \
        file-write-data file-write-finderinfo file-write-flags file-write-mode file-write-owner \
        file-write-setugid file-write-times file-write-unlink file-write-xattr fs-rename \
        'fs-snapshot*' fs-snapshot-create fs-snapshot-delete fs-snapshot-revert \
        generic-issue-extension qtn-user hid-control 'iokit*' iokit-issue-extension iokit-open \
        iokit-set-properties iokit-get-properties 'ipc*' 'ipc-posix*' ipc-posix-issue-extension \
        'ipc-posix-sem*' ipc-posix-sem-create ipc-posix-sem-open ipc-posix-sem-post \
        ipc-posix-sem-unlink ipc-posix-sem-wait 'ipc-posix-shm*' ipc-posix-shm-read-data \
        'ipc-posix-shm-write*' ipc-posix-shm-write-create ipc-posix-shm-write-data \
        ipc-posix-shm-write-unlink 'ipc-sysv*' ipc-sysv-msg ipc-sysv-sem ipc-sysv-shm \
        job-creation load-unsigned-code lsopen 'mach*' mach-cross-domain-lookup 'mach-host*' \
        mach-host-exception-port-set mach-host-special-port-set mach-issue-extension mach-lookup \
        'mach-priv*' mach-priv-host-port mach-priv-task-port mach-register mach-task-name \
        'network*' network-inbound network-bind network-outbound 'nvram*' nvram-delete nvram-get \
        nvram-set opendirectory-user-modify 'process*' 'process-codesigning-status*' \
        process-codesigning-status-set process-codesigning-status-get 'process-exec*' \
        process-exec-interpreter process-fork 'process-info*' process-info-codesignature \
        process-info-dirtycontrol process-info-listpids process-info-rusage process-info-pidinfo \
        process-info-pidfdinfo process-info-pidfileportinfo process-info-setcontrol pseudo-tty \
        signal socket-ioctl 'sysctl*' sysctl-read sysctl-write 'system*' system-acct \
        system-audit system-automount system-debug system-fsctl system-info 'system-kext*' \
        system-kext-load system-kext-unload system-kext-query system-mac-label system-nfssvc \
        system-package-check system-privilege system-reboot system-sched system-set-time \
        system-socket system-suspend-resume system-swap 'user-preference*' user-preference-read \
        managed-preference-read user-preference-write syscall-unix storage-class-map file-lock \
        'fs-quota*' fs-quota-get fs-quota-on fs-quota-off 'fs-quota-set*' fs-quota-set-limits \
        fs-quota-set-usage fs-quota-stat fs-quota-sync fs-snapshot-mount 'iokit-open*' \
        iokit-open-user-client iokit-open-service mach-bootstrap mach-derive-port \
        mach-kernel-endpoint 'mach-task*' mach-task-inspect mach-task-read \
        'mach-task-special-port*' mach-task-special-port-get mach-task-special-port-set \
        necp-client-open process-codesigning 'process-legacy-codesigning*' \
        process-legacy-codesigning-blob-get process-legacy-codesigning-cdhash-get \
        process-legacy-codesigning-entitlements-blob-get \
        process-legacy-codesigning-entitlements-der-blob-get \
        process-legacy-codesigning-identity-get 'process-legacy-codesigning-status*' \
        process-legacy-codesigning-teamid-get process-legacy-codesigning-text-offset-get \
        process-legacy-codesigning-status-get process-legacy-codesigning-status-set \
        process-exec-update-label process-info-ledger 'socket-option*' socket-option-get \
        socket-option-set 'syscall*' syscall-mach syscall-mig system-fcntl system-kas-info \
        'system-mac*' system-mac-syscall system-memorystatus-control system-necp-client-action \
        default-message-filter iokit-async-external-method iokit-external-method \
        iokit-external-trap mach-message-send xpc-message-send process-info-sandbox-container \
        'process-iopolicy*' process-iopolicy-get process-iopolicy-set sandbox-check \
        exception-entitlement isp-command-send
end

# True while the words of an explain have no operation.
function _sbx_wants_operation
    _sbx_is_verb explain
    or return
    set -l operations (_sbx_operations)
    for word in (commandline -opc)
        contains -- $word $operations
        and return 1
    end
    return 0
end

# Prints the command that sandbox-exec is to run, as far as it stands before the cursor.
function _sbx_command_of_exec
    set -l words (commandline -opc)
    while set -q words[1]; and not string match -qr '(^|/)sandbox-exec$' -- $words[1]
        set -e words[1]
    end
    set -e words[1]
    while set -q words[1]; and string match -q -- '-*' $words[1]
        string match -qr '^-[fnpD]$' -- $words[1]
        and set -e words[1]
        set -e words[1]
    end
    set -q words[1]
    and string join \n -- $words
end

function _sbx_exec_at_options
    not _sbx_command_of_exec >/dev/null
end

function _sbx_complete_command_of_exec
    set -l words (_sbx_command_of_exec) (commandline -ct)
    string match -q -- '-*' "$words[1]"
    or __fish_complete_subcommand --commandline $words
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

# Takes away what this file has said about commands, and leaves what others have.
function _sbx_forget
    set -l others
    for name in $argv
        set -a others (builtin complete $name | string match -vr '_sbx_|__fish_is_first_arg|--wraps sbx$|^complete (--no-files )?\S+$')
        builtin complete -c $name -e -w sbx
        builtin complete -c $name -e
    end
    builtin printf '%s\n' $others | builtin source
end

# Once more changes nothing.
_sbx_forget sbx sbxctl sandbox-exec

complete -c sbx -x -a '(_sbx_complete_command)'
_sbx_policy_option -s p -l preset -x -a '(_sbx_complete_presets)' -d 'apply presets, by name or alias'
_sbx_policy_option -s f -l profile -r -F -d 'append the SBPL text of FILE'
_sbx_policy_option -s e -l expr -x -d 'append SBPL text'
_sbx_policy_option -s D -l define -x -d 'set a parameter of the profile'
_sbx_policy_option -s A -l allow-all -d 'start from (allow default)'
_sbx_policy_option -l allow-file -r -F -a '(_sbx_complete_paths)' -d 'allow reading and writing below PATH'
_sbx_policy_option -l allow-file-read -r -F -a '(_sbx_complete_paths)' -d 'allow reading below PATH'
_sbx_policy_option -l allow-file-write -r -F -a '(_sbx_complete_paths)' -d 'allow writing below PATH'
_sbx_policy_option -l allow-network -x -a '(_sbx_complete_hosts)' -d 'allow connecting to it'
_sbx_policy_option -l allow-network-inbound -x -a '(_sbx_complete_hosts)' -d 'allow listening there'
_sbx_policy_option -l allow-network-outbound -x -a '(_sbx_complete_hosts)' -d 'allow connecting to it'
_sbx_policy_option -l allow-network-bind -x -a '(_sbx_complete_hosts)' -d 'allow binding to it'
_sbx_policy_option -l allow-process-exec -r -F -a '(_sbx_complete_paths)' -d 'allow executing PATH'
_sbx_policy_option -l deny-file -r -F -a '(_sbx_complete_paths)' -d 'deny reading and writing below PATH'
_sbx_policy_option -l deny-file-read -r -F -a '(_sbx_complete_paths)' -d 'deny reading below PATH'
_sbx_policy_option -l deny-file-write -r -F -a '(_sbx_complete_paths)' -d 'deny writing below PATH'
_sbx_policy_option -l deny-network -x -a '(_sbx_complete_hosts)' -d 'deny connecting and listening'
_sbx_policy_option -l deny-network-inbound -x -a '(_sbx_complete_hosts)' -d 'deny listening there'
_sbx_policy_option -l deny-network-outbound -x -a '(_sbx_complete_hosts)' -d 'deny connecting to it'
_sbx_policy_option -l deny-network-bind -x -a '(_sbx_complete_hosts)' -d 'deny binding to it'
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
complete -c sbx -n _sbx_at_options -l no-rc -d 'ignore .sbxrc files'
complete -c sbx -n _sbx_at_options -s q -l quiet -d 'no warnings'
complete -c sbx -n _sbx_at_options -s v -l verbose -d 'say what is granted less than asked'
complete -c sbx -n _sbx_at_options -s h -l help -d 'print this help'
complete -c sbx -n _sbx_at_options -s V -l version -d 'print the version'

complete -c sbxctl -f
complete -c sbxctl -n __fish_is_first_arg -s h -l help -d 'print this help'
complete -c sbxctl -n __fish_is_first_arg -s V -l version -d 'print the version'
complete -c sbxctl -n __fish_is_first_arg -a list -d 'list the presets: names, kind, what they do'
complete -c sbxctl -n __fish_is_first_arg -a show -d 'print the text of a preset and where it stands'
complete -c sbxctl -n __fish_is_first_arg -a new -d 'write the beginning of a preset of your own'
complete -c sbxctl -n __fish_is_first_arg -a check -d 'check profiles: what they say, and what comes of it here'
complete -c sbxctl -n __fish_is_first_arg -a explain -d 'say what a policy answers, and which rule'
complete -c sbxctl -n __fish_is_first_arg -a tree -d 'draw what a policy gives: files, network, the rest'
complete -c sbxctl -n __fish_is_first_arg -a trust -d 'let the .sbxrc of a directory apply, after showing it'
complete -c sbxctl -n __fish_is_first_arg -a distrust -d 'let it no longer apply'
complete -c sbxctl -n __fish_is_first_arg -a status -d 'list the .sbxrc files in force here'
complete -c sbxctl -n __fish_is_first_arg -a diff -d 'compare an .sbxrc with the copy that is trusted'
complete -c sbxctl -n __fish_is_first_arg -a doctor -d 'try out what this host enforces, and by what'
complete -c sbxctl -n __fish_is_first_arg -a init -d 'print the functions for a shell: zsh, bash or fish'
complete -c sbxctl -n __fish_is_first_arg -a help -d 'print this help'
complete -c sbxctl -n '_sbx_follows show' -a '(_sbx_list_presets)'

complete -c sbxctl -n '_sbx_is_verb explain tree' -l bare -d 'evaluate the text of -f and -e alone, as sandbox-exec'
complete -c sbxctl -n '_sbx_is_verb explain' -l batch -d 'answer lines PROFILE<TAB>QUESTION of standard input'
complete -c sbxctl -n '_sbx_is_verb check explain status doctor' -l json -d 'print JSON'
complete -c sbxctl -n '_sbx_is_verb status' -l shell -d 'print lines for the functions of a shell'
complete -c sbxctl -n '_sbx_is_verb check' -l strict -d 'exit with 1 after a warning or a gap'
complete -c sbxctl -n '_sbx_is_verb init' -l undo -d 'print what takes it all away again'
complete -c sbxctl -n '_sbx_is_verb init' -a 'zsh bash fish'
complete -c sbxctl -n '_sbx_is_verb trust' -l worktrees -d 'for all work trees of the git repository'
complete -c sbxctl -n '_sbx_is_verb trust' -l yes -d 'do not ask'
complete -c sbxctl -n '_sbx_is_verb tree' -l color -x -a 'always never auto' -d 'use colours: always, never or auto'
complete -c sbxctl -n '_sbx_is_verb check explain tree trust distrust status diff doctor init' -s h -l help -d 'print this help'
complete -c sbxctl -n '_sbx_is_verb check' -s D -l define -x -d 'set a parameter of the profile'
complete -c sbxctl -n '_sbx_is_verb check explain' -F
complete -c sbxctl -n '_sbx_is_verb trust distrust diff' -a '(__fish_complete_directories)'
complete -c sbxctl -n _sbx_wants_operation -a '(_sbx_operations)'

complete -c sandbox-exec -x -a '(_sbx_complete_command_of_exec)'
complete -c sandbox-exec -n _sbx_exec_at_options -s f -r -F -d 'read the profile from a file'
complete -c sandbox-exec -n _sbx_exec_at_options -s n -x -d 'the name of a profile'
complete -c sandbox-exec -n _sbx_exec_at_options -s p -x -d 'the text of the profile'
complete -c sandbox-exec -n _sbx_exec_at_options -s D -x -d 'set a parameter of the profile'

for path in $PATH/sbx-*
    set -l name (string replace -r '.*/' '' -- $path)
    _sbx_forget $name
    complete -c $name -w sbx
end
