#!/bin/sh
# parallel.sh MUSIC MASTERS: GNU parallel, here or over ssh (-S HOST,HOST); xargs where there is none.
if command -v parallel >/dev/null; then
    seq 0 15 | parallel --retries 3 acetate catalogue "$1" -d "$2" --shard '{}/16' -j 1 -q
else
    seq 0 15 | xargs -P "$(nproc)" -I '{}' acetate catalogue "$1" -d "$2" --shard '{}/16' -j 1 -q
fi
