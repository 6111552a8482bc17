#!/bin/bash
# Puts all servers back on the release that ran before the last deployment: rollback.sh [--database]
# With --database the migrations that only the present release has are rolled back first, by its own code.
set -Eeuo pipefail
HERE=$(dirname "$(readlink -f "$0")")
. "$HERE/release.sh"

DATABASE_TOO=${1:-}
COMMIT=
GOAL=Rollback

previous() {
    local server
    for server in $SERVERS; do
        [[ -f $STATE/$server/previous/REVISION ]] || say "$server has no previous release ($STATE/$server/previous)"
    done
    COMMIT=$(<"$STATE/web1/previous/REVISION")
    GOAL="Rollback to v$(<"$STATE/web1/previous/VERSION") (commit $COMMIT)"
}

# --step=0 would roll the whole last batch back, so nothing is called when the releases have the same migrations.
rollback_database() {
    local count
    count=$(comm -23 <(ls "$STATE/web1/current/database/migrations") <(ls "$STATE/web1/previous/database/migrations") | wc -l)
    ((count == 0)) || artisan "$STATE/web1/current" migrate:rollback --force --step="$count"
}

# The previous release has no previous one any more: what follows a rollback is a deployment.
switch_back_on() {
    local home=$STATE/$1
    rm -f "$home/current.new"
    point "$home/current" "$(readlink "$home/previous")"
    rm -f "$home/previous"
}

[[ -z $DATABASE_TOO || $DATABASE_TOO == --database ]] || { echo "usage: rollback.sh [--database]" >&2; exit 2; }
step lock one_at_a_time
step previous previous
echo "Rollback started by $(whoami) at $(date)" >>"$DEPLOYMENTS_LOG"
log "$GOAL started by $(whoami)"

[[ -z $DATABASE_TOO ]] || step migrate-rollback rollback_database
step switch each_server switch_back_on
step reload each_server reload_on
step workers restart_workers
step verify each_server verify_on

log "$GOAL finished: success"
echo "$GOAL finished: success"
