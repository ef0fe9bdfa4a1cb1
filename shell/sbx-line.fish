# What sbx-rc.fish needs where commands are put in a sandbox by themselves: it looks at the lines that
# are typed.
#
# fish can't change a line that it runs, and no function of it has a slash in its name or runs side by
# side with what it writes to. Hence three ways:
# - A name that a pattern means gets its function before the line is run.
# - Where a line has programs alone, the functions step aside: the programs are found by a directory of
#   links that is first in PATH while the line runs, and is taken out of PATH again by what the links
#   are for.
# - A command that is called by a path gets "sbx" in front when Enter is typed, for all to see.

# Looks for the words of a typed line that stand for commands. The caller's _sbx_pieces become the
# pieces of the line, in which a line feed is \x01, _sbx_words the words, and _sbx_starts how many
# pieces are before each. Words behind command, exec and SBX=off are left out: who types that wants
# no function.
function _sbx_rc_scan --no-scope-shadowing
    set _sbx_pieces
    set _sbx_starts
    set _sbx_words
    # Of each open parenthesis the state around it: role, begin, word.
    set -l _sbx_open
    set -l _sbx_outer
    # What a word would be that begins here, and what the next one behind the target of a redirection.
    set -l _sbx_role command
    set -l _sbx_behind
    # In a word: how many pieces were before it.
    set -l _sbx_begin
    set -l _sbx_word
    set -l IFS \n
    string match -q '*'\n'*' -- $argv[1]
    and set argv[1] (string split \n -- $argv[1] | string join \x01)
    for _sbx_piece in (string match -ar '\\\\.|&&|\|\||[0-9]*>\||&\||[0-9]*(?:>>|>\?|>|<)(?:&[0-9-]+)?|&>>?\??|\$\(|[ \t;|&\x01"\'()#$]|[^\\\\ \t;|&\x01"\'()#$<>]+|.' -- $argv[1]) \x01
        set -l _sbx_kind part
        _sbx_rc_kind
        switch $_sbx_kind
            case part quote unquote open
                if test -z "$_sbx_begin"
                    set _sbx_begin 0
                    test $_sbx_role != command
                    or set _sbx_begin (builtin count $_sbx_pieces)
                    set _sbx_word
                end
                set _sbx_word "$_sbx_word$_sbx_piece"
            case blank break close redirection
                if test -n "$_sbx_begin"
                    switch $_sbx_role
                        case target
                            set _sbx_role $_sbx_behind
                        case command
                            if string match -qr '^(command|exec|SBX=off)$' -- "$_sbx_word"
                                set _sbx_role argument
                            else if not string match -qr '^(and|or|not|!|if|while|else|begin|time|\{|\w+=.*)$' -- "$_sbx_word"
                                set _sbx_role argument
                                set -a _sbx_starts $_sbx_begin
                                set -a _sbx_words (string replace -a \x01 \n -- $_sbx_word | string collect)
                            end
                    end
                    set _sbx_begin
                end
        end
        set -a _sbx_pieces $_sbx_piece
        switch $_sbx_kind
            case quote comment
                set -a _sbx_open $_sbx_piece
            case unquote
                set -e _sbx_open[-1]
            case open
                set -a _sbx_open '('
                set -p _sbx_outer $_sbx_role $_sbx_begin $_sbx_word
                set _sbx_role command
                set _sbx_begin
            case close
                if set -q _sbx_outer[3]
                    set _sbx_role $_sbx_outer[1]
                    set _sbx_begin $_sbx_outer[2]
                    set _sbx_word "$_sbx_outer[3])"
                    set -e _sbx_outer[1..3]
                    set -e _sbx_open[-1]
                end
            case break
                set _sbx_role command
                test "$_sbx_open[-1]" != '#'
                or set -e _sbx_open[-1]
            case redirection
                if not string match -qr '&[0-9-]+$' -- $_sbx_piece
                    test $_sbx_role = target
                    or set _sbx_behind $_sbx_role
                    set _sbx_role target
                end
        end
    end
    set -e _sbx_pieces[-1]
end

# Sets the caller's _sbx_kind: what its _sbx_piece is, in what is open there, in a word or not.
function _sbx_rc_kind --no-scope-shadowing
    switch "$_sbx_open[-1]"
        case "'"
            test $_sbx_piece = "'"
            and set _sbx_kind unquote
        case '"'
            switch $_sbx_piece
                case '"'
                    set _sbx_kind unquote
                case '$('
                    set _sbx_kind open
            end
        case '#'
            set _sbx_kind nothing
            test $_sbx_piece = \x01
            and set _sbx_kind break
        case '*'
            switch $_sbx_piece
                case ' ' \t
                    set _sbx_kind blank
                case "'" '"'
                    set _sbx_kind quote
                case '(' '$('
                    set _sbx_kind open
                case ')'
                    set _sbx_kind close
                case ';' \x01 '|' '||' '&' '&&' '&|' '*>|'
                    set _sbx_kind break
                case '\\\\*'
                case '*>*' '*<*'
                    set _sbx_kind redirection
                case '#'
                    test -n "$_sbx_begin"
                    or set _sbx_kind comment
            end
    end
end

# The word as the command will see it, as far as that is known: without quotes, with the home directory,
# or the value of a variable that begins it.
function _sbx_rc_value
    set -l IFS \n
    set -l name (string match -r '^"?\$(\w+)(?=["/]|$)' -- $argv[1])
    set -l home (string match -r '^~(?=/|$)' -- $argv[1])
    if set -q name[2]; and set -q $name[2]
        set -l values $$name[2]
        string replace -- $name[1] "$values[1]" $argv[1] | string replace -a '"' '' | string collect
    else if set -q home[1]
        string replace -- '~' "$HOME" $argv[1] | string collect
    else
        string unescape -- $argv[1] | string collect
    end
end

# True for what the patterns mean: as it is typed, or by its last part.
function _sbx_rc_is_meant
    set -l IFS \n
    test -n "$_sbx_auto_regex"
    and string match -qr -- $_sbx_auto_regex $argv[1] (string replace -r '^.*/(?=.)' '' -- $argv[1])
    and not _sbx_rc_is_skipped $argv[1]
end

# True for what the shell itself runs, and for what our own functions stand for.
function _sbx_rc_is_shells
    builtin functions -q _sbx_is_internal
    or builtin source $_sbx_functions
    _sbx_is_prefix $argv[1]
    or _sbx_is_internal $argv[1]
    or test $argv[1] = nosbx
end

# True for a command that the patterns mean, and no function can stand for.
function _sbx_rc_needs_prefix
    string match -qr '[/$]' -- $argv[1]
    or return
    set -l value (_sbx_rc_value $argv[1])
    # fish changes to a directory.
    test -d "$value"
    and return 1
    _sbx_rc_is_meant "$value"
    and not _sbx_rc_is_shells "$value"
end

# Enter was typed.
function _sbx_rc_entered
    set -l IFS
    set -l line (commandline)
    set -l IFS \n
    if not string match -qr '[/$]' -- "$line"; or commandline --paging-mode; or test "$SBX" = off
        return
    end
    set -l _sbx_pieces
    set -l _sbx_starts
    set -l _sbx_words
    _sbx_rc_scan $line
    set -l is_changed
    for word in $_sbx_words
        if _sbx_rc_needs_prefix $word
            set -l place (math $_sbx_starts[1] + 1)
            set _sbx_pieces[$place] "sbx $_sbx_pieces[$place]"
            set is_changed yes
        end
        set -e _sbx_starts[1]
    end
    if test -n "$is_changed"
        set IFS
        set -l text (string join '' -- $_sbx_pieces | string replace -a \x01 \n)
        commandline -r -- $text
    end
end

# For Enter, the function above comes before what was there.
function _sbx_rc_bind
    set -l IFS \n
    set -q _sbx_bound
    and return
    set -g _sbx_bound
    for mode in default insert
        for key in \r \n
            set -l lines (bind -M $mode $key 2>/dev/null)
            or continue
            set -l own (string match -v -- 'bind --preset *' $lines)
            eval set -l words $lines[-1]
            test -z "$own"
            or eval set words $own[-1]
            set -e words[1]
            set -l options
            while string match -q -- '-*' "$words[1]"
                if builtin contains -- $words[1] -M -m
                    test $words[1] = -M
                    or set options $words[1..2]
                    set -e words[1]
                end
                set -e words[1]
            end
            set -l script _sbx_rc_entered
            for word in $words[2..-1]
                if builtin contains -- $word (bind --function-names)
                    set -a script "commandline -f $word"
                else
                    set -a script $word
                end
            end
            set -a _sbx_bound "bind -e --user -M $mode "(string escape -- $key) $own
            bind -M $mode $options $key (string join '; ' -- $script)
        end
    end
end

function _sbx_rc_unbind
    for line in $_sbx_bound
        eval $line
    end
    set -e _sbx_bound
end

# A line was typed, and is about to be run.
function _sbx_rc_typed
    set -l IFS \n
    test "$SBX" != off
    or return
    set -l line "$argv[1]"
    if test -n "$_sbx_auto_regex"
        _sbx_rc_pass $line
        string match -q '*/*' -- $line
        and _sbx_rc_warn $line
    end
    for word in (string match -ar '[^\s;|&()<>"\'$\\\\]+' -- $line)
        if builtin contains -- $word nosbx $_sbx_wrapped
            _sbx_rc_step_aside $line
            return
        end
    end
end

# What a pattern means gets its function for the time of the line: each word that is the name of a
# program, wherever it stands, also in functions that are typed. One too many does no harm.
function _sbx_rc_pass
    set -l IFS \n
    set -g _sbx_passing
    set -l seen
    set -l words (string match -ar '[^\s;|&()<>"\'$\\\\]+' -- $argv[1])
    string match -qr '["\'\\\\$]' -- $argv[1]
    and set -a words (_sbx_rc_values $argv[1])
    while set -q words[1]
        set -l word $words[1]
        set -e words[1]
        if string match -q '*/*' -- $word; or builtin contains -- $word $seen $_sbx_wrapped; or builtin -q -- $word
            continue
        end
        set -a seen $word
        if builtin functions -q -- $word; and not _sbx_rc_is_program_too $word
            string match -qr '^(_|n?sbx)' -- $word
            or _sbx_is_shipped $word
            or set -a words (builtin functions $word | string match -ar '[^\s;|&()<>"\'$\\\\]+')
            continue
        end
        if _sbx_rc_is_meant $word; and begin
                command -q -- $word
                or builtin functions -q -- $word
            end
            set -l _sbx_made
            _sbx_rc_wrap $word
            set -ga _sbx_passing $_sbx_made
        end
    end
end

# True for an alias, and for what comes with fish in the place of a program.
function _sbx_rc_is_program_too
    _sbx_rc_is_shells $argv[1]
    builtin functions $argv[1] | string match -q -- "function* --description 'alias *"
    or begin
        _sbx_is_shipped $argv[1]
        and command -q -- $argv[1]
    end
end

# The commands of a line, as far as they are known.
function _sbx_rc_values
    set -l IFS \n
    set -l _sbx_pieces
    set -l _sbx_starts
    set -l _sbx_words
    _sbx_rc_scan $argv[1]
    for word in $_sbx_words
        _sbx_rc_value $word
    end
end

# Another key than Enter has run the line.
function _sbx_rc_warn
    set -l IFS \n
    set -l _sbx_pieces
    set -l _sbx_starts
    set -l _sbx_words
    _sbx_rc_scan $argv[1]
    for word in $_sbx_words
        _sbx_rc_needs_prefix $word
        and builtin printf 'sbx: warning: %s runs outside of the sandbox: fish cannot put it there without sbx in front\n' $word >&2
    end
end

# When a line can't be run with links, a function in its place is the next best.
function _sbx_rc_step_aside
    set -l IFS \n
    set -l _sbx_pieces
    set -l _sbx_starts
    set -l _sbx_words
    set -l links
    set -l aside
    _sbx_rc_scan $argv[1]
    if string match -qr sbx -- (string replace -ar '\bnosbx\b' '' -- $argv[1])
        builtin functions -q _sbx_step_aside
        or builtin source $_sbx_functions
        _sbx_step_aside $argv[1]
    end
    set -g _sbx_asked
    string match -qr '^[^;|#&\n]*[^;|#&\n\\\\]&\s*$' -- $argv[1]
    and set -g _sbx_background '&'
    set -l starts $_sbx_starts
    for word in $_sbx_words
        set -l start $starts[1]
        set -e starts[1]
        if test $word = nosbx
            set -l behind $_sbx_pieces[(math $start + 3)]
            string match -qr '^[\w./+:@%,=-]+$' -- $behind
            and _sbx_rc_is_program $behind
            or return
            set -a links nosbx nosbx
            set -a aside nosbx
        else if builtin contains -- $word $_sbx_wrapped
            _sbx_rc_is_program $word
            or return
            set -a links auto $word
            set -a aside $word
        else if builtin contains -- $word eval source . cd builtin; or test -d (_sbx_rc_value $word; or echo /)
            # The line may change to where something else is in force.
            return
        else if string match -q '*/*' -- $word; or builtin -q -- $word; and not builtin functions -q -- $word
            continue
        else
            # A prefix is a program now, if all behind prefixes are.
            string match -qr '^[\w.+@%:,][\w.+@%:,-]*$' -- $word
            and not builtin functions -q -- $word
            and command -q -- $word
            or return
            set -a links plain $word
        end
    end
    set -q aside[1]
    and _sbx_rc_link $links
    or return
    set -e _sbx_background
    for name in $aside
        if not builtin contains -- $name $_sbx_stepped
            set -ga _sbx_stepped $name
            builtin functions -c $name _sbx_rc_aside_$name
            builtin functions -e $name
        end
    end
end

# True for a program, also behind a function of ours that has none of the user's in its place.
function _sbx_rc_is_program
    string match -q '*/*' -- $argv[1]
    and return
    set -l name $argv[1]
    builtin contains -- $name $_sbx_wrapped
    and set name _sbx_own_$name
    not builtin functions -q -- $name
    and not builtin -q -- $name
    and command -q -- $argv[1]
end

# _sbx_rc_link KIND NAME...: makes the links, and puts their directory first in PATH. It is in the
# store, where nothing in a sandbox can write.
function _sbx_rc_link
    set -l IFS \n
    set -l directory $_sbx_store/.fish/$fish_pid
    string match -q '*:*' -- $directory
    and return 1
    set -l missing
    set -l words $argv
    while set -q words[2]
        if not builtin contains -- "$words[1] $words[2]" $_sbx_linked; or not test -x $directory/$words[2]
            set -a missing $words[1..2]
        end
        set -e words[1..2]
    end
    if set -q missing[1]
        command sh -c '
            umask 077
            directory=$1 quoted=$2
            shift 2
            mkdir -p "$directory" && cd "$directory" || exit
            head="#!/bin/sh
PATH=\${PATH#\"\${0%/*}:\"}"
            printf "%s\nexec \"\${0##*/}\" \"\$@\"\n" "$head" >.plain &&
            printf "%s\nexec \"\$@\"\n" "$head" >.nosbx &&
            printf "%s\n[ \"\$SBX\" != off ] || exec \"\${0##*/}\" \"\$@\"\nexec %s \"\${0##*/}\" \"\$@\"\n" "$head" "$quoted" >.auto &&
            chmod 700 .plain .nosbx .auto || exit
            while [ $# -gt 1 ]; do
                ln -sf ".$1" "$2" || exit
                shift 2
            done' sh $directory "'"(string replace -a "'" "'\\''" -- $_sbx_program)"'" $missing 2>/dev/null </dev/null
        or return
        functions -q _sbx_rc_exit
        or function _sbx_rc_exit --on-event fish_exit
            _sbx_rc_remove_links
        end
    end
    while set -q missing[2]
        set -l rest (string match -v -- "* $missing[2]" $_sbx_linked)
        set -g _sbx_linked $rest "$missing[1] $missing[2]"
        set -e missing[1..2]
    end
    set -gx PATH $directory $PATH
    set -l last $argv[-1]
    test (command -s -- $last) = $directory/$last
    and return
    _sbx_rc_leave_links
    return 1
end

function _sbx_rc_leave_links
    set -l IFS \n
    while set -l at (builtin contains -i -- $_sbx_store/.fish/$fish_pid $PATH)
        set -e PATH[$at]
    end
end

function _sbx_rc_remove_links
    _sbx_rc_leave_links
    set -q _sbx_linked
    and command rm -rf -- $_sbx_store/.fish/$fish_pid
    set -e _sbx_linked
end

# A typed line has ended.
function _sbx_rc_ended
    set -e _sbx_asked
    if set -q _sbx_stepped
        _sbx_rc_leave_links
        for name in $_sbx_stepped
            if not builtin functions -q -- $name; and builtin contains -- $name nosbx $_sbx_wrapped
                builtin functions -c _sbx_rc_aside_$name $name
            end
            builtin functions -e _sbx_rc_aside_$name
        end
        set -e _sbx_stepped
    end
    string match -qr '\b(function|alias|source|funced|functions|eval)\b|(^|[;\s])\.\s' -- "$argv[1]"
    and _sbx_rc_recover
    test -z "$_sbx_passing"
    or _sbx_rc_unwrap $_sbx_passing
    set -e _sbx_passing
end
