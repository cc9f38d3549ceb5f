#!/usr/bin/env bash
# Time `chaos-runner --help` next to `ansible --version`: medians of eleven, alternating.
set -euo pipefail
cd "$(dirname "$0")/.."

milliseconds() {
  local started=$EPOCHREALTIME
  "$@" >/dev/null
  local ended=$EPOCHREALTIME
  echo $(((${ended/./} - ${started/./}) / 1000))
}

for _ in 1 2 3 4 5 6 7 8 9 10 11; do
  echo "help $(milliseconds .venv/bin/chaos-runner --help)"
  echo "ansible $(milliseconds .venv/bin/ansible --version)"
done | sort -k1,1 -k2,2n | awk '
  { times[$1, ++count[$1]] = $2 }
  END {
    help = times["help", 6]; ansible = times["ansible", 6]
    printf "chaos-runner --help %d ms, ansible --version %d ms, ratio %.2f\n", help, ansible, help / ansible
  }'
