# What sbx.fish needs where there is an .sbxrc: it sources this file then. Nothing that such a file says
# is evaluated: its words are names of functions, and patterns.

# Finds the files in force and asks sbxctl what they say, unless they and their copies are as before.
function _sbx_look
    set -l IFS \n
    set -q _sbx_above
    or _sbx_rc_climb
    set -g _sbx_places $_sbx_above/.sbxrc $_sbx_store$_sbx_above/.sbxrc
    set -l found
    set -l known -e /
    set -l newer
    set -g _sbx_absent
    for place in $_sbx_places
        if test -e $place
            set -a found $place
            set -a known -a -e $place
        else
            set -a _sbx_absent $place
        end
    end
    builtin -q path
    or for place in $_sbx_absent
        set -a known -a ! -e $place
    end
    # A file that is edited becomes newer than its copy. Old fish can't compare that.
    set -g _sbx_copies
    test / -nt / 2>/dev/null
    set -l compares $status
    for copy in $found
        if string match -q -- "$_sbx_store/*" $copy; and test -f $copy -a -r $copy
            set -a _sbx_copies $copy
        end
    end
    if test $compares = 1
        for file in $found
            if builtin contains -- $_sbx_store$file $_sbx_copies
                set -l is -a !
                test $file -nt $_sbx_store$file
                and set is -a
                set -a known $is $file -nt $_sbx_store$file
                set -a newer "$is"
            end
        end
    end
    set -g _sbx_texts
    for copy in $_sbx_copies
        read -lz text <$copy
        set -a _sbx_texts $text
    end
    set -l before $_sbx_state_key
    set -g _sbx_state_key $found $newer $_sbx_texts
    set -e _sbx_known
    set -q found[1]
    and set -g _sbx_known $known
    test "$before" = "$_sbx_state_key"
    or _sbx_rc_load
end

# The physical path: the directories from / down, as sbx sees them.
function _sbx_rc_climb
    set -l IFS \n
    set -g _sbx_above ''
    set -l at ''
    for part in (string split / -- (builtin pwd -P 2>/dev/null | string collect))
        if test -n "$part"
            set at $at/$part
            set -ga _sbx_above $at
        end
    end
end

# Asks, and takes what is said.
function _sbx_rc_load
    set -l IFS \n
    set -l text
    if set -q _sbx_known
        command {$_sbx_program}ctl status --shell 2>/dev/null </dev/null | read -z text
        test $pipestatus[1] = 0
        or set text "notice "{$_sbx_program}"ctl status fails: this shell puts nothing in a sandbox by itself"
    end
    set -g _sbx_notices
    set -g _sbx_active
    set -l auto
    set -l skip
    set -l applied
    if test -n "$text"
        string match -rqa '(?m)^notice (?<_sbx_notices>.*)$' -- $text
        string match -rqa '(?m)^active (?<_sbx_active>.*)$' -- $text
        string match -rqa '(?m)^auto (?<auto>.*)$' -- $text
        string match -rqa '(?m)^skip (?<skip>.*)$' -- $text
        string match -rqa '(?m)^file (?!untrusted)\S+ (?<applied>.*)/\.sbxrc$' -- $text
    end
    set -l places
    for directory in $applied
        if string match -q '*file refused *' -- $text
            and builtin contains -- "file refused $directory/.sbxrc" (string split \n -- $text)
            builtin contains -- $_sbx_store$directory/.sbxrc $_sbx_copies
            or continue
        end
        test -n "$directory"
        or set directory /
        set -a places $directory
    end
    set -g _sbx_in_force $places
    set -g _sbx_news
    _sbx_rc_name_active
    _sbx_rc_unwrap
    set -g _sbx_auto $auto
    test -n "$auto"
    and _sbx_rc_wrap_all $skip
end

# $SBX_ACTIVE, behind what it was. Only what it was is for programs: sbx adds the rest itself.
function _sbx_rc_name_active
    set -l IFS \n
    if not set -q _sbx_inherited
        set -q _sbx_in_force[1]
        or return
        set -g _sbx_inherited $SBX_ACTIVE
    end
    set -l names $_sbx_active
    set -q names[1]
    or set names sbx
    if not set -q _sbx_in_force[1]
        set names
    end
    set -l all (string join , -- $_sbx_inherited $names)
    if set -q all[1]; and test -n "$all"
        set -g SBX_ACTIVE $all
    else
        set -e SBX_ACTIVE
    end
    set -q _sbx_in_force[1]
    or set -e _sbx_inherited
end

# Before a prompt, or before the first command in the sandbox.
function _sbx_rc_tell
    set -l IFS \n
    set -e _sbx_news
    test "$SBX" = off
    and return
    for notice in $_sbx_notices
        if not builtin contains -- $notice $_sbx_noticed
            set -ga _sbx_noticed $notice
            builtin printf 'sbx: %s\n' $notice >&2
        end
    end
    set -l state $_sbx_in_force : $_sbx_active : $_sbx_auto
    test "$state" = "$_sbx_told"
    and return
    set -l left $_sbx_told_of
    set -g _sbx_told $state
    set -g _sbx_told_of $_sbx_in_force
    test "$SBX_QUIET" = 1
    and return
    if set -q _sbx_in_force[1]
        set -l names (string join ', ' -- $_sbx_active)
        set -q _sbx_active[1]
        or set names $_sbx_in_force[-1]/.sbxrc
        set -q _sbx_auto[1]
        and set names "$names ($_sbx_auto)"
        builtin printf 'sbx: in force here: %s\n' $names >&2
    else if set -q left[1]
        builtin printf 'sbx: left %s\n' $left[-1] >&2
    end
end

# Makes the functions of names; patterns are for what is typed. The arguments are what to leave alone.
function _sbx_rc_wrap_all
    set -l IFS \n
    set -g _sbx_wraps
    set -g _sbx_skip_regex
    set -g _sbx_auto_regex
    set -q argv[1]
    and set _sbx_skip_regex (_sbx_rc_regex $argv)
    builtin functions -q _sbx_rc_typed
    or builtin source (string replace -r 'rc\.fish$' line.fish -- $_sbx_rc)
    if string match -qr '[*?[]' -- $_sbx_auto
        set _sbx_auto_regex (_sbx_rc_regex (string match -r '.*[*?[].*' -- $_sbx_auto))
        _sbx_rc_bind
    end
    set -l _sbx_made
    _sbx_rc_wrap $_sbx_auto
end

# One regex for all of these patterns.
function _sbx_rc_regex
    set -l IFS \n
    set -l all
    for pattern in $argv
        set -l regex (string escape --style=regex -- $pattern | string replace -a '\\*' '.*' | string replace -a '\\?' '.')
        set -l sets (string match -ar '\\\\\[.+?\\\\\]' -- $regex)
        for one in $sets
            set -l class (string replace -a '\\-' - -- $one | string replace -r '^\\\\\[(\\\\[!^]|!)?' '[$1' | string replace -r '^\[(\\\\[!^]|!)' '[^' | string replace -r '\\\\\]$' ']')
            set regex (string replace -- $one $class $regex)
        end
        set -a all $regex
    end
    set -q all[1]
    and string join '' '(?s)^(?:' (string join '|' -- $all) ')$'
end

function _sbx_rc_is_skipped
    test -n "$_sbx_skip_regex"
    and string match -qr -- $_sbx_skip_regex $argv[1] (string replace -r '^.*/(?=.)' '' -- $argv[1])
end

# Puts functions in the place of these commands, or of functions of the user's, which are kept; not for
# what no function can be called, and what the shell can't do without. Adds to the caller's
# _sbx_made.
function _sbx_rc_wrap --no-scope-shadowing
    for _sbx_name in (string match -r '^[^-!/=\s$*?[~%#&;|<>(){}"\'\\\\][^/=\s$*?[]*$' -- $argv |
        string match -rv '^(?:_|fish_|n?sbx|(?:alias|export|setenv|pushd|popd|dirs|nextd|prevd|suspend|trap|umask|abbr|type)$)')
        if builtin contains -- $_sbx_name $_sbx_wrapped; or builtin -q -- $_sbx_name; or _sbx_rc_is_skipped $_sbx_name
            continue
        end
        if builtin functions -q -- $_sbx_name
            builtin functions -q _sbx_is_shipped
            or builtin source $_sbx_functions
            if _sbx_is_shipped $_sbx_name
                command -q -- $_sbx_name
                or continue
                set -ga _sbx_rc_shipped $_sbx_name
            end
            builtin functions -c $_sbx_name _sbx_own_$_sbx_name
        end
        set -ga _sbx_wrapped $_sbx_name
        set -a _sbx_made $_sbx_name
        _sbx_rc_define $_sbx_name
    end
end

function _sbx_rc_define
    set -l _sbx_wrapper $argv[1]
    function $_sbx_wrapper -V _sbx_wrapper -d 'in the sandbox of .sbxrc'
        _sbx_rc_run $_sbx_wrapper $argv
    end
end

# True if all of these functions are as we made them.
function _sbx_rc_are_ours
    set -l IFS \n
    builtin functions -q $argv
    and test (builtin functions $argv | string match -e _sbx_rc_run | builtin count) = (builtin count $argv)
end

# Gives back the user's functions, or those that the arguments name.
function _sbx_rc_unwrap
    set -l IFS \n
    set -l names $_sbx_wrapped
    if set -q argv[1]
        set names $argv
    else
        set -q _sbx_bound
        and _sbx_rc_unbind
        set -e _sbx_wraps
        set -e _sbx_auto_regex
        set -e _sbx_skip_regex
        set -e _sbx_passing
    end
    set -q names[1]
    or return
    set -l are_ours yes
    _sbx_rc_are_ours $names
    or set are_ours
    for name in $names
        set -l own _sbx_own_$name
        # What the user defined meanwhile stays.
        if test -n "$are_ours"; or _sbx_rc_are_ours $name
            builtin functions -e $name
            builtin functions -q $own
            and builtin functions -c $own $name
        end
        builtin functions -e $own
    end
    if set -q argv[1]
        for name in $argv
            set -l at (builtin contains -i -- $name $_sbx_wrapped)
            and set -e _sbx_wrapped[$at]
        end
    else
        set -e _sbx_wrapped
        set -e _sbx_rc_shipped
    end
end

# What the user has defined in the place of our functions, or taken away, is theirs.
function _sbx_rc_recover
    for name in $_sbx_wrapped
        if not _sbx_rc_are_ours $name
            builtin functions -e _sbx_own_$name
            builtin functions -q -- $name
            and builtin functions -c $name _sbx_own_$name
            _sbx_rc_define $name
        end
    end
end

# What the functions in the place of commands do. Nothing comes after the command.
function _sbx_rc_run
    if test "$SBX" = off
        _sbx_outside $argv
    else
        set -q _sbx_news
        and _sbx_rc_tell
        test -z "$_sbx_inherited"
        or set -lx SBX_ACTIVE $_sbx_inherited
        _sbx_run $argv
    end
end

# Runs the words as if there were no .sbxrc.
function _sbx_outside
    set -l IFS \n
    set -l _sbx_behind $_sbx_background
    set -e _sbx_background
    if builtin contains -- "$argv[1]" $_sbx_wrapped
        if builtin functions -q _sbx_own_$argv[1]
            set -lx SBX off
            eval _sbx_own_(string escape -- $argv | string join ' ') $_sbx_behind
        else
            eval command (string escape -- $argv | string join ' ') $_sbx_behind
        end
    else
        eval (string escape -- $argv | string join ' ') $_sbx_behind
    end
end

# Before _sbx_undo.
function _sbx_rc_end
    set -e _sbx_in_force
    _sbx_rc_name_active
    _sbx_rc_unwrap
    builtin functions -q _sbx_rc_remove_links
    and _sbx_rc_remove_links
end
