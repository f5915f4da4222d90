#!/usr/bin/env bash
# A document without what identifies a person: anonymise.sh FILE [LEVEL]. It is still personal data.
set -euo pipefail

url=${SPANWISE_URL:-http://127.0.0.1:8000}
curl --fail-with-body --silent --show-error --retry 3 --max-time 30 \
  ${SPANWISE_KEY:+--header "Authorization: Bearer $SPANWISE_KEY"} \
  --form "files=@${1:?usage: anonymise.sh FILE [LEVEL]};filename=document" --form "level=${2:-basic}" \
  "$url/v1/anonymise"
