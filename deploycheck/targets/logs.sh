# Prints facts about log files and, for those written to lately, the part since an instant. Arguments: a mark that no log contains,
# the application's user ("" if none), bytes to look through and bytes to send per file, then for each source: format, path of the
# plain file, the oldest modification time of interest (epoch), and the instant as local time, as UTC, and as the least local time
# that any zone has then. Writes nothing anywhere.
LC_ALL=C
export LC_ALL
mark=$1 user=$2 scan=$3 most=$4
shift 4

if [ -n "$user" ]; then
    echo "user $(id -u "$user" 2>/dev/null) $(id -G "$user" 2>/dev/null)"
fi

facts() { # tag, path
    readable=no
    [ -r "$2" ] && { [ -f "$2" ] || { [ -d "$2" ] && [ -x "$2" ]; }; } && readable=yes
    printf '%s %s %s %s\n' "$1" "$readable" "$(stat -L -c '%s %Y %a %u %g %U %G %i' -- "$2" 2>/dev/null || echo - - - - - - - -)" "$2"
}

content() { # path
    case $1 in
    *.gz) gzip -dc -- "$1" 2>/dev/null || printf '\n%s broken\n' "$mark" ;;
    *) tail -c "$scan" -- "$1" 2>/dev/null || printf '\n%s broken\n' "$mark" ;;
    esac
}

# The first entry at or after the instant and all that follows it, up to the limit; then one line of figures.
since() { # format, local, utc, least
    awk -v format="$1" -v locally="$2" -v utc="$3" -v least="$4" -v most="$most" -v mark="$mark" '
    function laravel(    rest) {
        if ($0 !~ /^\[[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][T ][0-9][0-9]:[0-9][0-9]:[0-9][0-9]/) return ""
        rest = substr($0, 21)
        bound = rest ~ /^([.,][0-9]+)?\]/ ? locally : rest ~ /^([.,][0-9]+)?(Z|[+]00:?00)\]/ ? utc : least
        return substr($0, 2, 10) " " substr($0, 13, 8)
    }
    function nginx() {
        if ($0 !~ /^[0-9][0-9][0-9][0-9]\/[0-9][0-9]\/[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9] /) return ""
        bound = locally
        return substr($0, 1, 4) "-" substr($0, 6, 2) "-" substr($0, 9, 11)
    }
    function fpm(    rest, month) {
        if ($0 !~ /^\[[0-9][0-9]-[A-Z][a-z][a-z]-[0-9][0-9][0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]/) return ""
        month = index("JanFebMarAprMayJunJulAugSepOctNovDec", substr($0, 5, 3))
        rest = substr($0, 22)
        bound = rest ~ /^([.][0-9]+)?\]/ ? locally : rest ~ /^([.][0-9]+)? UTC\]/ ? utc : least
        return sprintf("%s-%02d-%s %s", substr($0, 9, 4), (month + 2) / 3, substr($0, 2, 2), substr($0, 14, 8))
    }
    $0 == mark " broken" { broken = 1; next }
    {
        time = format == "laravel" ? laravel() : format == "nginx" ? nginx() : fpm()
        if (time != "") {
            headers++
            last = substr($0, 1, 200)
            if (!going && time >= bound) { going = 1; whole = headers > 1 }
        } else if (!headers && $0 != "") orphans++
        if (!going) next
        bytes = length($0) + 1
        if (!full && used + bytes <= most) { print; used += bytes } else { full = 1; cut += bytes }
    }
    END { printf "%s %d %d %d %d %d %s\n", mark, headers, orphans, cut, going && !whole, broken, last }'
}

look() { # format, path, oldest, local, utc, least
    format=$1 path=$2 oldest=$3 locally=$4 utc=$5 least=$6
    folder=${path%/*}
    echo "source $path"
    [ -e "$folder" ] && facts folder "$folder"
    set --
    newest=0
    for file in "$path" "$path".* "$path"-* "${path%.log}"-[0-9]*.log "${path%.log}"-[0-9]*.log.*; do
        [ -e "$file" ] || [ -L "$file" ] || continue
        written=$(stat -L -c %Y -- "$file" 2>/dev/null || echo 0)
        [ "$written" -gt "$newest" ] && newest=$written
        set -- "$@" "$file"
    done
    for file in "$@"; do
        facts file "$file"
        written=$(stat -L -c %Y -- "$file" 2>/dev/null || echo 0)
        [ "$readable" = yes ] && { [ "$written" -ge "$oldest" ] || [ "$written" = "$newest" ]; } || continue
        content "$file" | since "$format" "$locally" "$utc" "$least" | gzip -c | base64
        echo .
    done
}

while [ $# -ge 6 ]; do
    look "$1" "$2" "$3" "$4" "$5" "$6"
    shift 6
done
echo end
