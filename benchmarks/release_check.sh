#!/usr/bin/env bash
# Builds wheel and sdist into dist/, installs the wheel by pipx and by uv into environments that are thrown away, and goes
# the whole way with each: demo, then apply, status and rollback of a checkout, compared byte for byte.
set -euo pipefail
cd "$(dirname "$0")/.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python="${PYTHON:-python3}"
"$python" -m venv "$work/tools"
"$work/tools/bin/pip" install --quiet pipx uv
tools="$work/tools/bin"
export PIPX_HOME="$work/pipx" PIPX_BIN_DIR="$work/pipx-bin" UV_TOOL_DIR="$work/uv" UV_TOOL_BIN_DIR="$work/uv-bin"
unset PYTHONPATH   # what is tried is what was installed
export TTSOPT_STATE_HOME="$work/state" UV_CACHE_DIR="$work/uv-cache"

say() { printf '\n$ %s\n' "$*"; "$@"; }
# A file's hash and name for every file of a folder; caches of compiled bytecode aside.
tree() { (cd "$1" && find . -type f -not -path '*/__pycache__/*' -print0 | sort -z | xargs -0 sha256sum); }

rm -rf dist
say "$tools/uv" build --quiet --out-dir dist --python "$python"
ls dist
wheel="$(ls "$PWD"/dist/*.whl)"
say "$tools/pipx" install --python "$python" "$wheel"
say "$tools/uv" tool install --quiet --python "$python" "$wheel"
cd "$work"   # nothing of the repository is at hand from here on
for ttsopt in "$PIPX_BIN_DIR/ttsopt" "$UV_TOOL_BIN_DIR/ttsopt"; do
  say "$ttsopt" --version
  rm -rf sample
  say "$ttsopt" demo --keep sample --save-audio audio
  tree sample > before
  say "$ttsopt" apply sample -p sample/folded-weight-norm
  say "$ttsopt" status sample
  say "$ttsopt" rollback sample
  tree sample > after
  cmp before after
  echo "the checkout is byte for byte what it was"
done
