#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check_labels.sh SRC MODEL: each label of a step of the model stands in a comment of SRC, and the other way round. A
# label is two words with a point between them, in brackets in SRC, in quotes in a STEP of MODEL. labels.h has all.
# ci/steps checks the rest: where a label stands, and its row in docs/steps.md.
set -euo pipefail
source=$1 model=$2
word='[a-z_]+\.[a-z_]+'
in_source=$(grep -ohE "\[$word\]" -r --include='*.[ch]' "$source" | tr -d '[]' | sort -u)
in_model=$(grep -ohE "STEP(_WHEN)?\(\"[^\"]*\"" -r --include='*.c' "$model" | sed -E 's/.*\("//; s/"$//' | sort -u)
in_list=$(grep -ohE "\"$word\"" "$model/labels.h" | tr -d '"' | sort -u)
status=0
missing() { # WHERE LABELS
    [ -z "$2" ] || while read -r label; do
        echo "label [$label] is missing in $1" >&2
        status=1
    done <<<"$2"
}
missing "the comments of src/" "$(comm -13 <(echo "$in_source") <(echo "$in_model"))"
missing "the steps of tests/model/" "$(comm -23 <(echo "$in_source") <(echo "$in_model"))"
missing "tests/model/labels.h" "$(comm -13 <(echo "$in_list") <(echo "$in_model"))"
missing "the steps of tests/model/, but stands in labels.h" "$(comm -23 <(echo "$in_list") <(echo "$in_model"))"
[ "$(wc -l <<<"$in_model")" -ge 40 ] || { echo "the model has hardly any labels" >&2 && status=1; }
exit "$status"
