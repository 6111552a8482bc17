# The newest backups of a folder, and the newest that was made by `until` (or else the newest of all) read to its end.
# Reads only; one line per fact: name, tab, value. Arguments: folder pattern seconds until(epoch, this server's clock) member
folder=$1 pattern=$2 seconds=$3 until=$4 member=$5
LC_ALL=C; export LC_ALL
[ -d "$folder" ] || { printf 'trouble\t%s does not exist\n' "$folder"; exit 0; }
{ [ -r "$folder" ] && [ -x "$folder" ]; } || { printf 'trouble\t%s cannot be read by %s\n' "$folder" "$(id -un)"; exit 0; }
all=$(find "$folder" -maxdepth 2 -type f -name "$pattern" -printf 'backup\t%T@\t%s\t%p\n' | sort -t"$(printf '\t')" -rn -k2)
[ -n "$all" ] || exit 0
printf '%s\n' "$all" | head -20
newest=$(printf '%s\n' "$all" | awk -F'\t' -v until="$until" '$2 <= until + 1 { print $4; exit }')
[ -n "$newest" ] || newest=$(printf '%s\n' "$all" | head -1 | cut -f4-)
printf 'read\t%s\n' "$newest"
[ -r "$newest" ] || { printf 'unreadable\t%s\n' "$newest"; exit 0; }
set --
case $newest in
    *.tar | *.tar.* | *.tgz | *.tbz2 | *.txz) read_it='tar -xOf'; set -- --wildcards "$member";;
    *.gz) read_it='gzip -dc --';;
    *.bz2) read_it='bzip2 -dc --';;
    *.xz) read_it='xz -dc --';;
    *.zst) read_it='zstd -dcq --';;
    *) read_it='cat --';;
esac
# One pass: the decompressor's verdict on the whole stream follows the stream itself, so that both ends arrive.
# A dump may end in one very long line; the end of the stream is enough.
{ timeout -k 2 "$seconds" $read_it "$newest" "$@" 2>&1; printf '\nexit %s\n' $?; } | tail -c 4000 | tail -n 6 | sed 's/^/last\t/'
timeout -k 2 "$seconds" sha256sum -- "$newest" | sed 's/^/sha256\t/'
[ -r "$newest.sha256" ] && head -c 64 "$newest.sha256" | sed 's/^/expected\t/' && echo
echo end
