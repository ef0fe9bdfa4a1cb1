# sbx in interactive fish, 3.1 and later: a function sbx, and sbx-NAME for each preset and alias.
# Source it from config.fish, or: sbxctl init fish | source. Once more changes nothing; _sbx_undo
# takes it all away. What is not needed before sbx is used is in sbx-run.fish.
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
    string match -q '*sbx*' -- "$argv[1]"
    or return
    builtin functions -q _sbx_step_aside
    or builtin source $_sbx_functions
    _sbx_step_aside $argv
end

function _sbx_ended --on-event fish_postexec
    set -e _sbx_background
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
end

# Keeps the functions that have our names. Those in files need not be kept, nor looked for.
function _sbx_keep
    set -l fish_function_path
    for name in sbx sbx-$_sbx_names
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
    builtin functions -e _sbx_{run,undo,typed,ended,define,load,keep}
end
true
