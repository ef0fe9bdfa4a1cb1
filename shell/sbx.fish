# sbx in interactive fish, 3.1 and later: a function sbx, and sbx-NAME for each preset and alias.
# Source it from config.fish, or: sbxctl init fish | source. Once more changes nothing; _sbx_undo
# takes it all away. What is not needed before sbx is used is in sbx-run.fish, and what is not needed
# before there is an .sbxrc in sbx-rc.fish.
#
# fish runs functions in the shell itself: they can't be put into the background, and what one writes
# to another comes when it has ended. So where a typed line has programs alone behind the prefixes,
# the functions step aside for the links of the same names.

if set -q _sbx_names
    set -l program $_sbx_program
    _sbx_undo
    set -g _sbx_program $program
end

function _sbx_run
    builtin source $_sbx_functions
    _sbx_run $argv
end

function _sbx_undo
    builtin source $_sbx_functions
    _sbx_undo
end

function _sbx_typed --on-event fish_preexec
    set -q _sbx_wraps
    and _sbx_rc_typed $argv
    set -q _sbx_asked
    and return
    string match -q '*sbx*' -- "$argv[1]"
    or return
    builtin functions -q _sbx_step_aside
    or builtin source $_sbx_functions
    _sbx_step_aside $argv
end

function _sbx_ended --on-event fish_postexec
    set -e _sbx_background
    set -q _sbx_wraps
    and _sbx_rc_ended $argv
    set -q _sbx_aside
    or return
    set -e _sbx_aside
    _sbx_define
end

function _sbx_define
    function sbx -d 'run a command in a sandbox'
        _sbx_run $argv
    end
    for _sbx_preset in $_sbx_names
        function sbx-$_sbx_preset -V _sbx_preset -d 'run a command in a sandbox'
            _sbx_run -p $_sbx_preset $argv
        end
    end
end

# The argument is the prefix of the installation, under which bin/sbx is.
function _sbx_load
    set -l IFS ' '\n
    set -l data $argv/share/sbx
    set -g _sbx_functions $data/shell/sbx-run.fish
    set -g _sbx_rc $data/shell/sbx-rc.fish
    if test -r $data/names
        read -laz _sbx_shipped <$data/names
        set -g _sbx_names $_sbx_shipped
    else
        builtin source $_sbx_functions
        set -g _sbx_names (_sbx_names_in $data/presets/*.sb)
    end
    set -l config $HOME/.config
    test -z "$XDG_CONFIG_HOME"
    or set config $XDG_CONFIG_HOME
    set -l own $config/sbx/presets/*.sb /etc/sbx/presets/*.sb
    if set -q own[1]
        builtin source $_sbx_functions
        for name in (_sbx_names_in $own)
            if not builtin contains -- $name $_sbx_names
                set -ga _sbx_names $name
                set -ga _sbx_own $name
                builtin complete -c sbx-$name -w sbx
            end
        end
    end

    # A directory of completions that fish does not look into by itself.
    set -l completions $argv/share/fish/vendor_completions.d
    if not builtin contains -- $completions $fish_complete_path; and test -r $completions/sbx.fish
        set -g fish_complete_path $fish_complete_path $completions
        set -g _sbx_completions $completions
    end
    _sbx_keep
    _sbx_define
    status is-interactive
    and _sbx_hook
end

# The hooks of .sbxrc. Where there is none, they are one look at the names that it and the copies that
# are trusted would have. Where a directory above is a symbolic link, or there are too many, or fish is
# too old to look so, _sbx_look finds the names.
function _sbx_hook
    function nosbx -d 'run a command outside of the sandbox of .sbxrc'
        _sbx_outside $argv
    end
    builtin complete -c nosbx -x -a '(__fish_complete_subcommand)'

    # Named groups are what the hooks read with.
    string match -rq "(?<named>.)" x
    set -q named
    or return
    function _sbx_state --on-variable XDG_STATE_HOME --on-variable HOME
        set -g _sbx_store $HOME/.local/state/sbx/trust
        string match -q '/*' -- "$XDG_STATE_HOME"
        and set -g _sbx_store $XDG_STATE_HOME/sbx/trust
        set -e _sbx_places
    end
    _sbx_state

    # fish before 3.5 has no cheaper look.
    if not builtin -q path
        function _sbx_moved --on-variable PWD
            _sbx_look
        end
    else
        function _sbx_moved --on-variable PWD
            # A word with a part that is not there vanishes.
            string match -arq -- '/(?<_sbx_part>[^/]+)' $PWD
            set -g _sbx_above '' /$_sbx_part[1] /$_sbx_part[1]/$_sbx_part[2] /$_sbx_part[1]/$_sbx_part[2]/$_sbx_part[3] /$_sbx_part[1]/$_sbx_part[2]/$_sbx_part[3]/$_sbx_part[4] /$_sbx_part[1]/$_sbx_part[2]/$_sbx_part[3]/$_sbx_part[4]/$_sbx_part[5]
            set -q _sbx_part[6]
            and set -a _sbx_above /$_sbx_part[1]/$_sbx_part[2]/$_sbx_part[3]/$_sbx_part[4]/$_sbx_part[5]/$_sbx_part[6] /$_sbx_part[1]/$_sbx_part[2]/$_sbx_part[3]/$_sbx_part[4]/$_sbx_part[5]/$_sbx_part[6]/$_sbx_part[7] /$_sbx_part[1]/$_sbx_part[2]/$_sbx_part[3]/$_sbx_part[4]/$_sbx_part[5]/$_sbx_part[6]/$_sbx_part[7]/$_sbx_part[8] /$_sbx_part[1]/$_sbx_part[2]/$_sbx_part[3]/$_sbx_part[4]/$_sbx_part[5]/$_sbx_part[6]/$_sbx_part[7]/$_sbx_part[8]/$_sbx_part[9] /$_sbx_part[1]/$_sbx_part[2]/$_sbx_part[3]/$_sbx_part[4]/$_sbx_part[5]/$_sbx_part[6]/$_sbx_part[7]/$_sbx_part[8]/$_sbx_part[9]/$_sbx_part[10]
            set -g _sbx_places $_sbx_above/.sbxrc $_sbx_store$_sbx_above/.sbxrc
            if set -q _sbx_part[11]; or builtin path is -l -- $_sbx_above
                set -e _sbx_above
                _sbx_look
            else if set -q _sbx_known; or builtin path is -- $_sbx_places
                _sbx_look
            end
        end
    end

    function _sbx_prompted --on-event fish_prompt
        if set -q _sbx_known
            _sbx_is_unchanged
            or _sbx_look
        else if not set -q _sbx_places
            _sbx_moved
        else if builtin path is -- $_sbx_places
            _sbx_look
        end
        set -q _sbx_news
        and _sbx_rc_tell
    end

    # The files are those that were there, and the copies say what they said.
    function _sbx_is_unchanged
        test $_sbx_known
        or return
        if builtin path is -- $_sbx_absent
            return 1
        end
        set -l texts
        for copy in $_sbx_copies
            read -lz text <$copy
            set -a texts $text
        end
        test "$texts" = "$_sbx_texts"
    end
end

function _sbx_look
    builtin source $_sbx_rc
    _sbx_look
end

function _sbx_outside
    builtin source $_sbx_rc
    _sbx_outside $argv
end

# Keeps the functions that have our names. Those in files need not be kept, nor looked for.
function _sbx_keep
    set -l fish_function_path
    set -l ours sbx sbx-$_sbx_names
    status is-interactive
    and set -a ours nosbx
    for name in $ours
        if builtin functions -q $name
            builtin functions -c $name _sbx_kept_$name
            set -ga _sbx_kept $name
        end
    end
end

# The program is what init said, or what belongs to this file, or the first in PATH.
if not set -q _sbx_program
    set -l directory (status dirname)
    set -l prefix $directory/../../..
    test -x $prefix/bin/sbx
    or set prefix $directory/../build
    if test -x $prefix/bin/sbx
        set prefix (builtin realpath $prefix)
        set -g _sbx_program $prefix/bin/sbx
        _sbx_load $prefix
    else
        set -l found (command -s sbx)
        and set -g _sbx_program (builtin realpath $found)
    end
end
if set -q _sbx_program
    set -q _sbx_names
    or _sbx_load (string replace -r '/bin/[^/]*$' '' -- $_sbx_program)
else
    builtin functions -e _sbx_{run,undo,typed,ended,define,load,keep,hook,look,outside}
end
true
