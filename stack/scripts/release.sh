# What deploy.sh, rollback.sh and provision.sh share; sourced, never run. Settings come from deploy.env.

. "$HERE/../etc/deploy.env"
export LC_ALL=C.UTF-8 REDISCLI_AUTH="$REDIS_PASSWORD"
OUTPUT=$(mktemp "$RUN/step.XXXXXX")
STEP=start
GOAL=

log() { printf '[%s] %s\n' "$(date -Iseconds)" "$*" >>"$DEPLOYMENT_LOG"; }

# A failed deployment leaves its marker: that somebody must look is the point of it.
finish() {
    local code=$?
    trap - EXIT
    if ((code)); then
        sed "s/^/[$(date -Iseconds)] | /" "$OUTPUT" >>"$DEPLOYMENT_LOG"
        log "ERROR: step $STEP failed with exit code $code: $(grep -v '^[[:space:]]*$' "$OUTPUT" | tail -n 1)"
        log "$GOAL finished: failure"
        echo "$GOAL finished: failure in step $STEP; see $DEPLOYMENT_LOG" >&2
        tail -n 5 "$OUTPUT" >&2
    fi
    rm -f "$OUTPUT"
    exit "$((code > 0))"
}
trap finish EXIT

say() { echo "$*"; return 1; }

# step NAME COMMAND…: runs the command, keeps what it prints for the case of failure, logs how long it took.
step() {
    local start=${EPOCHREALTIME/./} us
    STEP=$1
    shift
    "$@" >"$OUTPUT" 2>&1
    us=$((${EPOCHREALTIME/./} - start))
    log "$(printf 'step %s took %d.%02d s' "$STEP" $((us / 1000000)) $((us % 1000000 / 10000)))"
}

one_at_a_time() {
    exec 9>"$RUN/deploy.lock"
    flock -n 9 || say "another deployment or rollback holds $RUN/deploy.lock"
}

artisan() {
    local directory=$1
    shift
    (cd "$directory" && exec "$PHP" artisan "$@" --no-interaction --no-ansi)
}

# each_server FUNCTION: on all servers side by side; fails when one of them fails.
each_server() {
    local server pid pids=() failures=0
    for server in $SERVERS; do
        "$1" "$server" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid" || failures=$((failures + 1)); done
    return "$failures"
}

new_release() { echo "$STATE/$1/releases/$RELEASE"; }

fetch_on() {
    local directory
    directory=$(new_release "$1")
    mkdir -p "$directory"
    git -c safe.directory="$ORIGIN" --git-dir="$ORIGIN" archive "$COMMIT" | tar -x -C "$directory"
    echo "$COMMIT" >"$directory/REVISION"
    rm -rf "$directory/storage"
    ln -s ../../shared/storage "$directory/storage"
    ln -s ../../shared/.env "$directory/.env"
    mkdir -p "$directory/bootstrap/cache"
}

# The name holds the second, so one commit deployed twice within it must wait.
fetch() {
    COMMIT=$(git -c safe.directory="$ORIGIN" --git-dir="$ORIGIN" rev-parse --verify --quiet "refs/tags/v$VERSION^{commit}") ||
        say "$ORIGIN has no tag v$VERSION"
    GOAL="Deployment of v$VERSION (commit $COMMIT)"
    while RELEASE="$(date +%Y%m%d_%H%M%S)-${COMMIT:0:8}" && [[ -e $(new_release web1) ]]; do sleep 0.1; done
    each_server fetch_on
}

cache_on() { artisan "$(new_release "$1")" config:cache; }

migrate() { artisan "$(new_release web1)" migrate --force; }

point() {
    ln -s "$2" "$1.new"
    mv -T "$1.new" "$1"
}

switch_on() {
    local home=$STATE/$1
    rm -f "$home/previous" "$home/previous.new" "$home/current.new"
    [[ ! -L $home/current ]] || point "$home/previous" "$(readlink "$home/current")"
    point "$home/current" "releases/$RELEASE"
}

reload_on() { kill -USR2 "$(<"$RUN/php-fpm-$1.pid")"; }

worker_keys() { redis-cli -p "$REDIS_PORT" --raw keys "${REDIS_PREFIX}worker:*"; }

# A worker that ran before counts as old whatever it reports: the same commit may be deployed again.
# The signal is a time in whole seconds: a worker that was started by one signal does not see another of the same second.
restart_workers() {
    local last=$RUN/workers-restarted end=$((SECONDS + 40)) key pid beat fresh old before=" "
    for key in $(worker_keys); do before+="${key##*:} "; done
    while [[ -f $last && $(<"$last") == $(date +%s) ]]; do sleep 0.05; done
    artisan "$STATE/web1/current" queue:restart
    date +%s >"$last"
    while ((SECONDS < end)); do
        fresh=0 old=0
        for key in $(worker_keys); do
            pid=${key##*:}
            kill -0 "$pid" 2>/dev/null || continue
            beat=$(redis-cli -p "$REDIS_PORT" --raw get "$key")
            if [[ $before != *" $pid "* && $beat == *"\"commit\":\"$COMMIT\""* ]]; then fresh=$((fresh + 1)); else old=$((old + 1)); fi
        done
        ((old || fresh < WORKERS)) || return 0
        sleep 0.05
    done
    say "$fresh of $WORKERS workers were started anew with $COMMIT and $old run on or run something else, 40 s after queue:restart"
}

verify_on() {
    local port=PORT_$1 body
    for _ in {1..50}; do
        body=$(curl --silent --max-time 5 --user-agent deploycheck/deploy-script --cacert "$CA" \
            --resolve "$HOST:${!port}:127.0.0.1" "https://$HOST:${!port}/api/health") || true
        [[ $body != *"\"commit\":\"$COMMIT\""* ]] || return 0
        sleep 0.1
    done
    say "$1 does not answer with commit $COMMIT at https://$HOST:${!port}/api/health: ${body:0:300}"
}

# Five releases stay, as on the real servers; what is linked stays whatever its age.
prune_on() {
    local home=$STATE/$1 name
    for name in $(cd "$home/releases" && ls -1 | sort -r | tail -n +6); do
        case " $(readlink "$home/current") $(readlink "$home/previous") " in
            *" releases/$name "*) ;;
            *) rm -rf "${home:?}/releases/$name" ;;
        esac
    done
}
