# Times PINGs over one connection, in microseconds, one per line, after a line with Redis' first answer. Bash, because it reads a
# socket and a clock without starting a process. The password comes from a file here and is nobody's argument.
# They are sent a few milliseconds apart: in one rush, a Redis that is blocked for half of the time would delay two of them.
# Arguments: host port user file-with-the-password samples pause-in-seconds longest-time-in-seconds
host=$1 port=$2 user=$3 file=$4 samples=$5 pause=$6 longest=$7
fail() { echo "$2"; exit "$1"; }
[ -n "$EPOCHREALTIME" ] || fail 7 "bash ${BASH_VERSION:-?} is too old; 5 or newer tells the time in microseconds"
exec 2>/dev/null 3<>"/dev/tcp/$host/$port" || fail 3 "nothing answers at $host:$port"

ask() { # words of one command; the first line of the answer is in $answer
    printf '*%d\r\n' $# >&3
    for word; do printf '$%d\r\n%s\r\n' ${#word} "$word" >&3; done
    read -r -t 3 answer <&3 || fail 5 "no answer in 3 s"
    answer=${answer%$'\r'}
}

if [ -n "$file" ]; then
    [ -r "$file" ] || fail 4 "$file cannot be read by $(id -un)"
    LC_ALL=C
    ask AUTH ${user:+"$user"} "$(<"$file")"
    [ "$answer" = +OK ] || fail 4 "$answer"
fi
ask PING
case $answer in
    +PONG) echo "$answer" ;;
    -NOAUTH* | -WRONGPASS* | -NOPERM*) fail 4 "$answer" ;;
    *) fail 6 "$answer" ;;
esac
exec 4<> <(:) # never has anything to read
end=$((SECONDS + longest))
for ((n = 0; n < samples && SECONDS < end; n++)); do
    read -r -t "$pause" <&4
    before=${EPOCHREALTIME/[.,]/}
    printf 'PING\r\n' >&3
    read -r -t 3 answer <&3 || fail 5 "no answer in 3 s"
    echo $((${EPOCHREALTIME/[.,]/} - before))
done
