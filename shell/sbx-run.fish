# What sbx.fish needs when sbx is used: it sources this file then.

# Walks over options as options_parse does, and over prefixes behind them. The caller's _sbx_before
# becomes what stands before the command, its _sbx_command the rest.
function _sbx_walk --no-scope-shadowing
    set _sbx_before
    while set -q argv[1]
        set -l _sbx_takes 1
        switch $argv[1]
            case --
                set -a _sbx_before --
                set -e argv[1]
                set _sbx_takes 0
            case '--*=*' '--*-all'
            case --preset --profile --expr --define --env-keep --env-drop --env-set --keep-fd
                set _sbx_takes 2
            case '--allow-*' '--deny-*'
                # The list may be left out.
                string match -q -- '-*' "$argv[2]"
                or set _sbx_takes 2
            case '--*'
            case -
                set _sbx_takes 0
            case '-*'
                string match -qr -- '^-[^pfeD]*[pfeD]$' $argv[1]
                and set _sbx_takes 2
            case '*'
                set _sbx_takes 0
        end
        if test $_sbx_takes = 0
            _sbx_is_prefix "$argv[1]"
            or break
            set -a _sbx_before $_sbx_program
            test $argv[1] = sbx
            or set -a _sbx_before -p (string replace sbx- '' -- $argv[1])
        else
            set -a _sbx_before $argv[1]
            if test $_sbx_takes = 2; and set -q argv[2]
                set -a _sbx_before $argv[2]
                set -e argv[1]
            end
        end
        set -e argv[1]
    end
    set _sbx_command $argv
end

function _sbx_is_prefix
    switch $argv[1]
        case sbx
        case 'sbx-*'
            builtin contains -- $argv[1] sbx-$_sbx_names
        case '*'
            return 1
    end
end

# True for the name of what fish runs itself, and another program can't.
function _sbx_is_internal
    string match -q '*/*' -- $argv[1]
    and return 1
    builtin contains -- $argv[1] $_sbx_wrapped
    and set argv[1] _sbx_own_$argv[1]
    builtin functions -q -- $argv[1]
    or builtin -q -- $argv[1]
end

# Runs the words in a sandbox. The names of its variables are long, since they hide exported ones from
# the command; and nothing comes after the command, since that would go on when it is stopped.
function _sbx_run
    set -l _sbx_before
    set -l _sbx_command
    set -l _sbx_texts
    set -l _sbx_behind $_sbx_background
    set -e _sbx_background
    _sbx_walk $argv
    if set -q _sbx_command[1]; and _sbx_is_internal $_sbx_command[1]
        # A shell in the sandbox gets it as text, and runs it.
        _sbx_carry $_sbx_command[1..64]
        set -a _sbx_texts -c (string escape -- $_sbx_command[1])' $argv' --
        set -e _sbx_command[1]
        set -a _sbx_before (status fish-path)
        string match -qr '^3\.[0-2]\.' -- $version
        or set -a _sbx_before --no-config
    end
    # As text, so that jobs shows the words.
    if not set -q _sbx_texts[1]; and set -q _sbx_command[1]
        set -a _sbx_before $_sbx_command
        set _sbx_command
    end
    eval command (string escape -- $_sbx_program $_sbx_before | string join ' ') '$_sbx_texts $_sbx_command' $_sbx_behind
end

# Adds to the caller's _sbx_texts the functions that these words mention, and those that the functions
# mention. Handlers of events are left out: a copy has none. The shell in the sandbox finds by itself
# what comes with fish; that may mention a function of the user's too (ll calls ls).
function _sbx_carry --no-scope-shadowing
    set -l IFS \n
    set -l _sbx_seen
    set argv (string match -ar '[^\s;|&()<>"\'$\\\\]+' -- $argv)
    while set -q argv[1]
        set -l _sbx_word $argv[1]
        set -e argv[1]
        builtin contains -- $_sbx_word $_sbx_seen
        and continue
        set -a _sbx_seen $_sbx_word
        # What a wrapper of .sbxrc has in its place.
        set -l _sbx_source $_sbx_word
        builtin contains -- $_sbx_word $_sbx_wrapped
        and set _sbx_source _sbx_own_$_sbx_word
        if _sbx_is_prefix $_sbx_word
            set -l _sbx_option (string replace -r -- '^sbx(-|$)' '-p ' $_sbx_word)
            test $_sbx_word != sbx
            or set _sbx_option
            set -a _sbx_texts -c "function $_sbx_word; command "(string escape -- $_sbx_program)" $_sbx_option \$argv; end"
        else if string match -q '*/*' -- $_sbx_word; or not builtin functions -q -- $_sbx_source
            continue
        else if _sbx_is_shipped $_sbx_word
            for _sbx_word in (builtin functions $_sbx_source | string match -ar '[^\s;|&()<>"\'$\\\\]+')
                builtin contains -- $_sbx_word $_sbx_seen $argv
                or string match -qr '[^\w.-]' -- $_sbx_word
                or not builtin functions -q -- $_sbx_word
                or _sbx_is_shipped $_sbx_word
                or set -a argv $_sbx_word
            end
        else
            builtin functions -e _sbx_copy
            builtin functions -c $_sbx_source _sbx_copy
            set -l _sbx_text (builtin functions _sbx_copy | string replace 'function _sbx_copy' 'function '(string escape -- $_sbx_word) | string collect)
            builtin functions -e _sbx_copy
            set -a _sbx_texts -c $_sbx_text
            set -a argv (string match -ar '[^\s;|&()<>"\'$\\\\]+' -- $_sbx_text)
        end
    end
end

function _sbx_is_shipped
    builtin contains -- $argv[1] $_sbx_rc_shipped
    and return
    string match -qr '^(embedded:|'(string escape --style=regex -- $__fish_data_dir/functions/)')' -- (builtin functions -D -- $argv[1])
end

# Before a typed line is run: the functions step aside if behind each prefix there is a program, and
# under the name of the prefix a link to ours. What will be expanded first is taken for no program.
function _sbx_step_aside
    set -e _sbx_background
    set -l _sbx_before
    set -l _sbx_command
    set -l IFS \n
    set -l aside
    set -l words
    string match -q '*(*' -- $argv[1]
    or set words (string match -ar '(?s)[;|&\n]|(?:\\\\.|"(?:\\\\.|[^"\\\\])*"|\'(?:\\\\.|[^\'\\\\])*\'|[^\s;|&"\'\\\\])+' -- $argv[1])
    while set -q words[1]
        set -l prefix $words[1]
        set -e words[1]
        _sbx_is_prefix $prefix
        or continue
        _sbx_walk $words
        if not string match -qr -- '^[\w./+:@%,=-]+$' "$_sbx_command[1]"
            or _sbx_is_internal $_sbx_command[1]
            or not command -q $_sbx_command[1]
            or not _sbx_is_link $prefix
            set aside
            break
        end
        set -a aside $prefix
        set words $_sbx_command
    end
    if set -q aside[1]
        set -g _sbx_aside $aside
        builtin functions -e $aside
    else if string match -qr '^[^;|#&\n]*[^;|#&\n\\\\]&\s*$' -- $argv[1]
        set -g _sbx_background '&'
    end
end

function _sbx_is_link
    set -l found (command -s $argv[1])
    and test (builtin realpath $found) = (builtin realpath $_sbx_program)
end

# Prints the names of the presets in these files: the files' own, and those in their headers.
function _sbx_names_in
    for file in $argv
        set -l name (string replace -r '.*/(.*)\.sb$' '$1' -- $file)
        set -l kind
        while read -l line; and string match -q ';*' -- $line
            switch $line
                case ';; kind:*'
                    set kind yes
                case ';; alias:*'
                    set -a name (string match -ar '[^ ,\t]+' -- (string sub -s 10 -- $line))
            end
        end <$file
        if set -q kind[1]
            string match -r '^[a-zA-Z0-9._-]+$' -- $name
        end
    end
end

# Takes away what this file has made, and gives back what had the names before. The completion goes
# too, unless fish finds it by itself.
function _sbx_undo
    set -l IFS \n
    set -l mine _sbx_{run,undo,typed,ended,define,load,keep,hook,look,outside}
    set -a mine _sbx_{walk,is_prefix,is_internal,carry,is_shipped,step_aside,is_link,names_in}
    set -l ours sbx sbx-$_sbx_names
    if builtin functions -q _sbx_moved
        builtin functions -q _sbx_rc_end
        and _sbx_rc_end
        set -a ours nosbx
        set -a mine _sbx_{moved,prompted,state,is_unchanged}
        set -l others (builtin complete nosbx | string match -v '*__fish_complete_subcommand*')
        builtin complete -c nosbx -e
        builtin printf '%s\n' $others | builtin source
    end
    set -a mine (builtin functions -an | string match -r '^_sbx_rc_.*|^_sbx_own_.*')
    builtin functions -e $ours
    for name in $_sbx_kept
        builtin functions -c _sbx_kept_$name $name
        set -a mine _sbx_kept_$name
    end
    # What was erased is not looked for in files any more.
    for name in $ours
        set -l files $fish_function_path/$name.fish
        for file in $files
            if not builtin functions -q $name; and test -r $file
                builtin source $file
            end
        end
    end
    # fish forgets completions of others too when fish_complete_path changes.
    set -l completed
    test -z "$_sbx_own"
    or set completed sbx-$_sbx_own
    set -q _sbx_completions
    and set completed sbx sbxctl sandbox-exec sbx-$_sbx_names
    set -l others
    for name in $completed
        set -a others (builtin complete $name | string match -vr '_sbx_|__fish_is_first_arg|--wraps sbx$|^complete (--no-files )?\S+$')
    end
    if set -q _sbx_completions
        set -l paths (string match -v -- $_sbx_completions $fish_complete_path)
        set -g fish_complete_path $paths
        set -q paths[1]
        or set -e fish_complete_path
        set -a mine (builtin functions -an | string match '_sbx_*')
    end
    for name in $completed
        builtin complete -c $name -e -w sbx
        builtin complete -c $name -e
    end
    builtin printf '%s\n' $others | builtin source
    for name in (set -n | string match '_sbx_*')
        set -e $name
    end
    builtin functions -e $mine
end
