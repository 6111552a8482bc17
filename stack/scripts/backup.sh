#!/bin/bash
# Dumps the database into the backup folder and prints the file's name. The dump ends in "-- Dump completed on …".
set -euo pipefail
HERE=$(dirname "$(readlink -f "$0")")
. "$HERE/../etc/deploy.env"

mkdir -p "$BACKUPS"
file=$BACKUPS/backup-$(date +%Y%m%d_%H%M%S).sql.gz
trap 'rm -f "$file.part"' EXIT
mariadb-dump --defaults-extra-file="$DATABASE_CNF" --single-transaction --quick --routines --triggers "$DATABASE" | gzip -c >"$file.part"
mv "$file.part" "$file"
(cd "$BACKUPS" && sha256sum "${file##*/}" >"${file##*/}.sha256")
echo "$file"
