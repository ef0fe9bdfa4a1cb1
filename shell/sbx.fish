# sbx in interactive fish: completion. Source it from config.fish; once more changes nothing.
# Aliases of fish are functions, and functions are not reached by the prefix yet: sbx-net-off ll
# runs the program ll, if there is one.

# In the source tree, and where it is installed.
for _sbx_file in (status dirname)/../completions/sbx.fish \
    (status dirname)/../../fish/vendor_completions.d/sbx.fish
    if test -r $_sbx_file
        source $_sbx_file
        break
    end
end
set -e _sbx_file
