#!/bin/bash
# Deploys a tagged release on all servers: deploy.sh VERSION
set -Eeuo pipefail
HERE=$(dirname "$(readlink -f "$0")")
. "$HERE/release.sh"

VERSION=${1:?usage: deploy.sh VERSION}
COMMIT=
RELEASE=
GOAL="Deployment of v$VERSION"

step lock one_at_a_time
echo "Deployment started by $(whoami) at $(date)" >>"$DEPLOYMENTS_LOG"
log "$GOAL started by $(whoami)"
touch "$MARKER"

step backup "$HERE/backup.sh"
step fetch fetch
step cache each_server cache_on
step migrate migrate
step switch each_server switch_on
step reload each_server reload_on
step workers restart_workers
step verify each_server verify_on
step prune each_server prune_on

rm -f "$MARKER"
log "$GOAL finished: success"
echo "$GOAL finished: success"
