#!/bin/bash
# Installs the first release of a new stack, with its schema and accounts: provision.sh VERSION
# It is no deployment (no backup, no log of it, no worker yet to restart), so that the first one finds a previous release.
set -Eeuo pipefail
HERE=$(dirname "$(readlink -f "$0")")
. "$HERE/release.sh"
DEPLOYMENT_LOG=$STATE/log/provision.log

VERSION=${1:?usage: provision.sh VERSION}
COMMIT=
RELEASE=
GOAL="Provision of v$VERSION"

step fetch fetch
step cache each_server cache_on
step migrate migrate
step seed artisan "$(new_release web1)" gateway:seed
step switch each_server switch_on
