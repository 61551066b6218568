#!/usr/bin/env bash
# Packs what benchmarks/on_gpu.sh needs where there is no network: wheels, and the upstreams' sources without their media.
#
#   TTSOPT_UPSTREAMS=DIR benchmarks/gpu_bundle.sh BUNDLE [PYTHON_VERSION] [SYSTEM ...]
#
# BUNDLE/trees/<system>.tar.xz   the text files of the clone's HEAD
# BUNDLE/wheels/*.whl            of ttsopt and of what the systems need beside torch, for Linux on x86-64
# All wheels go into one environment: systems that pin other versions of a package (CosyVoice's transformers) want a
# bundle of their own. Ends with 1 where it comes to more than 64 MiB.
set -euo pipefail
bundle=${1:?usage: gpu_bundle.sh BUNDLE [PYTHON_VERSION] [SYSTEM ...]}
version=${2:-3.12}
shift; shift || true
here=$(cd "$(dirname "$0")/.." && pwd)
clones=(f5-tts=F5-TTS cosyvoice=CosyVoice gpt-sovits=GPT-SoVITS index-tts=index-tts mockingbird=MockingBird step-audio=Step-Audio-EditX)
platforms=(manylinux_2_28 manylinux_2_27 manylinux_2_17 manylinux2014 manylinux1)
# What a machine with PyTorch has, or what is larger than its use: an image without one of them says so in `bench`.
present='^(torch|torchaudio|numpy|scipy|numba|llvmlite|onnx|onnxruntime|matplotlib|pandas|scikit-learn|nvidia-.*|triton)([<=>]|$)'

mkdir -p "$bundle/trees" "$bundle/wheels"

fetch() { # the wheels of requirements lines on standard input, one by one: one that has none must not stop the rest
  grep -vE "^ *(#|$)|$present" | sort -u | while read -r line; do
    python3 -m pip --disable-pip-version-check --quiet download --no-deps --only-binary=:all: \
      --python-version "$version" --implementation cp "${platforms[@]/#/--platform=}" \
      --dest "$bundle/wheels" "$line" 2>/dev/null ||
      python3 -m pip --disable-pip-version-check --quiet wheel --no-deps --wheel-dir "$bundle/wheels" "$line" 2>/dev/null ||
      echo "no wheel: $line" >&2
  done
}
platforms=("${platforms[@]/%/_x86_64}")

for pair in "${clones[@]}"; do
  system=${pair%%=*} clone=${TTSOPT_UPSTREAMS:?}/${pair#*=}
  if [ $# -gt 0 ] && [[ " $* " != *" $system "* ]]; then continue; fi
  [ -d "$clone" ] || { echo "no clone: $clone" >&2; continue; }
  git -C "$clone" ls-files -z '*.py' '*.yaml' '*.yml' '*.json' '*.toml' '*.txt' '*.cfg' '*.model' |
    tar -C "$clone" --null --ignore-failed-read -T - -cJf "$bundle/trees/$system.tar.xz" 2>/dev/null || true
  cat "$here/patches/$system/requirements.txt" "$here/patches/$system/requirements-no-deps.txt" | fetch
done
printf '%s\n' 'typer>=0.24,<0.29' 'rich>=13.8' unidiff cattrs attrs packaging PyYAML tomlkit filelock platformdirs nvidia-ml-py psutil | fetch
python3 -m pip --disable-pip-version-check --quiet wheel --no-deps --wheel-dir "$bundle/wheels" "$here"

size=$(du -sm "$bundle" | cut -f1)
echo "$bundle: $size MiB"
[ "$size" -le 64 ] || { echo "more than 64 MiB: name fewer systems" >&2; exit 1; }
