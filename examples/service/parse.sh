#!/usr/bin/env bash
# A CV as JSON Resume: parse.sh FILE, a PDF, DOCX or text.
set -euo pipefail

url=${SPANWISE_URL:-http://127.0.0.1:8000}
curl --fail-with-body --silent --show-error --retry 3 --max-time 30 \
  ${SPANWISE_KEY:+--header "Authorization: Bearer $SPANWISE_KEY"} \
  --form "files=@${1:?usage: parse.sh FILE};filename=document" \
  "$url/v1/parse"
