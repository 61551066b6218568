#!/usr/bin/env bash
# Measures the rows of on_gpu.tsv on a machine with a CUDA GPU and no network, each result written at once.
#
#   benchmarks/on_gpu.sh BUNDLE OUT [TABLE]
#
# BUNDLE is what gpu_bundle.sh packed. OUT gets <patch>.json for each row (`patch_results.py` keeps them) and log.txt.
# ON_GPU_SECONDS (480) is for everything: a row that does not fit into what is left is named and passed over.
# ON_GPU_DEVICE=cpu runs without a GPU: what the tests do with a bundle of the sample. ON_GPU_DRY_RUN=1 measures
# nothing and needs no GPU: it plans each row's patch on the bundled tree, and says what would be measured.
# Ends with 0 where at least one row was measured, 1 where none was, 2 where there is no GPU.
set -uo pipefail
usage="usage: on_gpu.sh BUNDLE OUT [TABLE]"
bundle=$(realpath "${1:?$usage}") out=${2:?$usage} table=${3:-$(dirname "$0")/on_gpu.tsv}
deadline=$((SECONDS + ${ON_GPU_SECONDS:-480}))
python=${PYTHON:-python3}
mkdir -p "$out"
out=$(realpath "$out")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { echo "$*" | tee -a "$out/log.txt"; }

dry=${ON_GPU_DRY_RUN:-}
if [ -z "$dry" ] && [ "${ON_GPU_DEVICE:-cuda}" = cuda ]; then
  nvidia-smi -L >>"$out/log.txt" 2>&1 && "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' ||
    { say "no CUDA GPU that $python's torch can use"; exit 2; }
fi

# What is installed already (torch above all) is seen through; the wheels go before it.
"$python" -m venv --system-site-packages --without-pip "$work/venv" || exit 1
site=$("$work/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
if compgen -G "$bundle/wheels/*.whl" >/dev/null; then
  "$python" -m pip --disable-pip-version-check --quiet install --no-index --no-deps --no-compile --upgrade \
    --target "$site" "$bundle"/wheels/*.whl || exit 1
fi

measured=0
while IFS=$'\t' read -r system patch seconds options; do
  case $system in '' | '#'*) continue ;; esac
  left=$((deadline - SECONDS))
  [ "$left" -ge "$seconds" ] || { say "no time left for $patch"; continue; }
  tree=$work/$system
  if [ ! -d "$tree" ]; then
    [ -f "$bundle/trees/$system.tar.xz" ] || { say "no tree for $patch"; continue; }
    mkdir "$tree" && tar -C "$tree" -xJf "$bundle/trees/$system.tar.xz"
  fi
  if [ -n "$dry" ]; then
    needed=$(grep -oE -- '-p [^ ]+' <<<"$options") # a patch that this one requires
    # Standard output of `plan` is the diff.
    # shellcheck disable=SC2086 # options are words
    if [ -n "$("$work/venv/bin/python" -m ttsopt plan "$tree" -p "$patch" $needed --effect lossy </dev/null 2>>"$out/log.txt")" ]; then
      measured=$((measured + 1)); say "would measure $patch: $options"
    else
      say "does not apply: $patch"
    fi
    continue
  fi
  row=$out/${patch//\//-}.json
  # shellcheck disable=SC2086 # options are words
  timeout --signal=INT --kill-after=20 "$seconds" "$work/venv/bin/python" -m ttsopt bench "$tree" -p "$patch" --rtf \
    $options --python "$work/venv/bin/python" --save "$row" </dev/null >>"$out/log.txt" 2>&1
  status=$?
  if [ -s "$row" ]; then measured=$((measured + 1)); say "measured $patch ($status)"; else say "not measured: $patch ($status)"; fi
done <"$table"
[ -n "$dry" ] && say "$measured would be measured" || say "$measured measured"
[ "$measured" -gt 0 ]
