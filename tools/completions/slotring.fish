# SPDX-License-Identifier: Apache-2.0
# Completions of slotring for fish. The program itself says what fits.
function __slotring_complete
    set -l current (commandline -ct)
    set -l words (commandline -opc)
    for line in ($words[1] complete-words -- $words[2..-1] $current 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path $current
            case ':folders'
                __fish_complete_directories $current
            case '*'
                echo $line
        end
    end
end
complete -c slotring -f -a '(__slotring_complete)'
