# All facts of one server in one go. Reads only; one line per fact: name, tab, base64 of the value; or name, "=", tab, the value itself.
# A fact that could not be looked at is told apart from one that is false: its name ends in "!" and the value says why.
# Starts few processes, because it runs on the servers that serve: no pipe where the shell itself can read or print.
# Arguments: app layout revision-file marker deployments-log progress-log worker-pattern-in-base64 manager-command
app=$1 layout=$2 revision=$3 marker=$4 log=$5 progress=$6 pattern=$(printf %s "$7" | base64 -d) manager=$8
LC_ALL=C; export LC_ALL
unset TZ # whatever ssh's own session says: what counts is /etc/localtime, by which the server's programs write
newline='
'
user=$(id -un)

emit() { printf '%s\t' "$1"; base64 -w 0; echo; }

tell() { # name value
    case $2 in
    *"$newline"*) printf '%s\n' "$2" | emit "$1" ;;
    *) printf '%s=\t%s\n' "$1" "$2" ;;
    esac
}

# A path whose folder is closed to us is unknown, not absent.
reachable() { [ -e "$1" ] || { folder=$(dirname "$1"); [ -d "$folder" ] && [ -x "$folder" ]; }; }

tail_of() { # name path bytes
    if [ -e "$2" ] && [ -r "$2" ]; then tail -c "$3" -- "$2" | emit "$1"
    elif [ -e "$2" ] || ! reachable "$2"; then tell "$1!" "$2 cannot be read by $user"
    else tell "$1!" "$2 does not exist"; fi
}

date '+epoch=%t%s.%N%nutc_offset=%t%z'
tell localtime "$(readlink -f /etc/localtime 2>/dev/null)"
zone=; { read -r zone </etc/timezone; } 2>/dev/null
tell timezone "$zone"
tell user "$user"

if [ "$layout" = releases ]; then
    code=$app/current
    if [ -L "$code" ]; then
        tell code "$(readlink -f "$code")"
        find "$code" -maxdepth 0 -printf 'switched=\t%T@\n'
        [ -d "$code/" ] || tell 'code!' "$code points to $(readlink "$code"), which is not there"
    else tell 'code!' "$code is no symbolic link that $user can see"; fi
else
    code=$app
    if [ -d "$app" ]; then tell code "$app"; else tell 'code!' "$app is no folder that $user can see"; fi
    tell switched "$(stat -c %Y "$app/.git/logs/HEAD" 2>/dev/null)"
fi

if [ -n "$revision" ]; then
    if [ -r "$code/$revision" ]; then tell commit "$(head -c 200 "$code/$revision")"
    elif [ -L "$code" ] && [ ! -e "$code" ]; then tell 'commit!' "$code points to $(readlink "$code"), which is not there"
    else tell 'commit!' "$code/$revision cannot be read by $user"; fi
else
    head=$(git -c safe.directory='*' -C "$code" rev-parse HEAD 2>&1) && tell commit "$head" || tell 'commit!' "git: $head"
fi

migrations=
for file in "$code"/database/migrations/*.php; do
    [ -e "$file" ] && file=${file##*/} && migrations="$migrations ${file%.php}"
done
tell migrations "$migrations"

if [ -e "$marker" ]; then tell marker "$(stat -c %Y "$marker")"
elif ! reachable "$marker"; then tell 'marker!' "$(dirname "$marker") is closed to $user"; fi

tail_of log "$log" 65536
tail_of progress "$progress" 262144

tell memory "$(grep -hE '^(MemTotal|MemAvailable|SwapTotal|SwapFree):|^oom_kill ' /proc/meminfo /proc/vmstat 2>/dev/null)"
boot=; { read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null
tell boot "$boot"

# pid, age in seconds, memory in KiB, user, command line. The pattern stands on no command line, neither this script's nor grep's:
# several such scripts may run at once, and none of them is a worker.
ps -ww -eo pid=,ppid=,etimes=,rss=,user:32=,args= | grep -E -f /dev/fd/3 3<<END | emit processes
$pattern
END

if [ -n "$manager" ]; then
    answer=$(timeout -k 1 5 sh -c "$manager" 2>&1); code=$?
    printf '%s\n' "$answer" | emit manager; tell manager_exit "$code"
    # What has run for a moment only may be ending and starting again and again, which each single look would call running.
    case $answer in *"uptime 0:00:0"[0-2]*)
        sleep 2.5
        timeout -k 1 5 sh -c "$manager" 2>&1 | emit manager_later ;;
    esac
fi
tell end done
