# SPDX-License-Identifier: Apache-2.0
# Completions of slotring for bash. The program itself says what fits.
_slotring() {
    local word rest current words=() i
    COMPREPLY=()
    for ((i = 1; i <= COMP_CWORD; i++)); do # bash takes --option=value apart
        [ "${COMP_WORDS[i]}" = = ] || words+=("${COMP_WORDS[i]}")
    done
    current=${COMP_WORDS[COMP_CWORD]}
    if [ "$current" = = ]; then
        current=
        words+=("")
    fi
    while IFS=$'\t' read -r word rest; do
        case $word in
            :files)
                compopt -o filenames 2>/dev/null
                while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
                ;;
            :folders)
                compopt -o filenames 2>/dev/null
                while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$current")
                ;;
            "$current"*) COMPREPLY+=("$(printf %q "$word")") ;;
        esac
    done < <("${COMP_WORDS[0]}" complete-words -- "${words[@]}" 2>/dev/null)
}
complete -F _slotring slotring
