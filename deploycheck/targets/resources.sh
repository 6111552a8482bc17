# What a server has left: processor, memory, every mounted file system, and where a release and a backup would go.
# Reads only; one line per fact: name, tab, value. Arguments: app layout backup-folder seconds
app=$1 layout=$2 backups=$3 seconds=$4
LC_ALL=C; export LC_ALL
printf 'cores\t%s\n' "$(nproc)"
printf 'load\t%s\n' "$(cat /proc/loadavg)"
grep -hE '^(MemTotal|MemAvailable|SwapTotal|SwapFree):|^oom_kill ' /proc/meminfo /proc/vmstat 2>/dev/null | sed 's/^/memory\t/'
printf 'boot\t%s\n' "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
# A file system whose server is gone makes df wait for ever.
timeout -k 1 "$seconds" df --block-size=1 --output=fstype,size,used,avail,itotal,iused,target | tail -n +2 | sed 's/^/system\t/'
awk '{ print "mount\t" $2 "\t" $4 }' /proc/self/mounts
if [ "$layout" = releases ]; then code=$app/current/; else code=$app/; fi
stat -c 'release_mount	%m' -- "$app" || printf 'trouble\t%s cannot be looked at by %s\n' "$app" "$(id -un)"
# What lies in a folder closed to us is not counted; storage is shared by all releases.
size=$(timeout -k 1 "$seconds" du -sx --block-size=1 --exclude=storage --exclude=.git -- "$code" 2>/dev/null | cut -f1)
printf 'release_bytes\t%s\n' "$size"
if [ -n "$backups" ]; then
    stat -c 'backup_mount	%m' -- "$backups" || printf 'trouble\t%s cannot be looked at by %s\n' "$backups" "$(id -un)"
fi
echo end
