#!/usr/bin/env bash
# Entities of a text. SPANWISE_URL is where the server is, SPANWISE_KEY a key where it asks for one.
set -euo pipefail

url=${SPANWISE_URL:-http://127.0.0.1:8000}
curl --fail-with-body --silent --show-error --retry 3 --max-time 30 \
  ${SPANWISE_KEY:+--header "Authorization: Bearer $SPANWISE_KEY"} \
  --json '{"text": "A 54-year-old man took aspirin for chest pain."}' \
  "$url/v1/extract"
