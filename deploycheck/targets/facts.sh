# All facts of one server in one go. Reads only; one line per fact: name, tab, base64 of the value.
# A fact that could not be looked at is told apart from one that is false: its name ends in "!" and the value says why.
# Arguments: app layout revision-file marker deployments-log progress-log worker-pattern-in-base64 manager-command
app=$1 layout=$2 revision=$3 marker=$4 log=$5 progress=$6 pattern=$(printf %s "$7" | base64 -d) manager=$8
LC_ALL=C; export LC_ALL

emit() { printf '%s\t' "$1"; base64 | tr -d '\n'; echo; }

# A path whose folder is closed to us is unknown, not absent.
reachable() { [ -e "$1" ] || { folder=$(dirname "$1"); [ -d "$folder" ] && [ -x "$folder" ]; }; }

tail_of() { # name path bytes
    if [ -e "$2" ] && [ -r "$2" ]; then tail -c "$3" "$2" | emit "$1"; stat -c %s "$2" | emit "$1_size"
    elif [ -e "$2" ] || ! reachable "$2"; then echo "$2 cannot be read by $(id -un)" | emit "$1!"
    else echo "$2 does not exist" | emit "$1!"; fi
}

date +%s.%N | emit epoch
date +%Z | emit zone_abbreviation
{ cat /etc/timezone 2>/dev/null || readlink -f /etc/localtime 2>/dev/null; } | emit zone
id -un | emit user
hostname | emit hostname

if [ "$layout" = releases ]; then
    if [ -L "$app/current" ]; then
        readlink -f "$app/current" | emit code; readlink "$app/current" | emit link
        find "$app/current" -maxdepth 0 -printf %T@ | emit switched
        [ -d "$app/current/" ] || echo "$app/current points to $(readlink "$app/current"), which is not there" | emit 'code!'
    else echo "$app/current is no symbolic link that $(id -un) can see" | emit 'code!'; fi
    code=$app/current
else
    code=$app
    if [ -d "$app" ]; then echo "$app" | emit code; else echo "$app is no folder that $(id -un) can see" | emit 'code!'; fi
    stat -c %Y "$app/.git/logs/HEAD" 2>/dev/null | emit switched
fi

if [ -n "$revision" ]; then
    if [ -r "$code/$revision" ]; then head -c 200 "$code/$revision" | emit commit
    elif [ -L "$code" ] && [ ! -e "$code" ]; then echo "$code points to $(readlink "$code"), which is not there" | emit 'commit!'
    else echo "$code/$revision cannot be read by $(id -un)" | emit 'commit!'; fi
else
    head=$(git -c safe.directory='*' -C "$code" rev-parse HEAD 2>&1) && echo "$head" | emit commit || echo "git: $head" | emit 'commit!'
fi

for file in "$code"/database/migrations/*.php; do [ -e "$file" ] && basename "$file" .php; done | emit migrations

if [ -e "$marker" ]; then stat -c %Y "$marker" | emit marker
elif ! reachable "$marker"; then echo "$(dirname "$marker") is closed to $(id -un)" | emit 'marker!'; fi

tail_of log "$log" 65536
tail_of progress "$progress" 262144

grep -E '^(MemTotal|MemAvailable|SwapTotal|SwapFree):' /proc/meminfo 2>/dev/null | emit memory
grep '^oom_kill ' /proc/vmstat 2>/dev/null | emit oom_kills
cat /proc/sys/kernel/random/boot_id 2>/dev/null | emit boot

# pid, age in seconds, memory in KiB, user, command line. The pattern stands on no command line, neither this script's nor grep's:
# several such scripts may run at once, and none of them is a worker.
ps -ww -eo pid=,ppid=,etimes=,rss=,user:32=,args= | grep -E -f /dev/fd/3 3<<END | emit processes
$pattern
END

if [ -n "$manager" ]; then
    answer=$(timeout -k 1 5 sh -c "$manager" 2>&1); code=$?
    printf '%s\n' "$answer" | emit manager; echo "$code" | emit manager_exit
    # What has run for a moment only may be ending and starting again and again, which each single look would call running.
    case $answer in *"uptime 0:00:0"[0-2]*)
        sleep 2.5
        timeout -k 1 5 sh -c "$manager" 2>&1 | emit manager_later ;;
    esac
fi
echo done | emit end
