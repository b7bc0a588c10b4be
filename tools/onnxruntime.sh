#!/bin/sh
# Get ONNX Runtime, for models larger than the built-in backend takes. Optional:
# nothing else needs it, and a program without it says what to install.
#   onnxruntime.sh        get it unless it is there
#   onnxruntime.sh -n     say whether it is there: exit 0 or 1
# Debian 13 has a package. Debian 12 has none: there the one file that is needed
# is taken out of the npm package onnxruntime-node (113 MB to fetch, 46 kept).
set -eu
cd "$(dirname "$0")/.."
version=1.30.0
file=build/onnxruntime/libonnxruntime.so.1
package=libonnxruntime1.21

is_there() {
  [ -e "$file" ] || [ -n "${LW_ONNXRUNTIME:-}" ] ||
    ldconfig -p 2>/dev/null | grep -q 'libonnxruntime\.so'
}

case "${1:-}" in
  "") ;;
  -n) is_there; exit ;;
  *) echo "usage: onnxruntime.sh [-n]" >&2; exit 2 ;;
esac
is_there && exit 0

if apt-cache show "$package" >/dev/null 2>&1; then
  as_root=
  [ "$(id -u)" = 0 ] || as_root=sudo
  echo "Installing from Debian: $package"
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq \
    --no-install-recommends "$package" >/dev/null && exit 0
fi

case "$(uname -m)" in
  x86_64) machine=x64 ;;
  aarch64) machine=arm64 ;;
  *) machine= ;;
esac
if [ -z "$machine" ] || ! command -v npm >/dev/null; then
  echo "onnxruntime.sh: no package $package and no npm to fetch it with; models" \
    "that need ONNX Runtime will not load" >&2
  exit 3
fi
echo "Fetching onnxruntime-node $version by npm (113 MB)"
mkdir -p build/onnxruntime
work=$(mktemp -d build/onnxruntime/fetch.XXXXXX)
trap 'rm -rf "$work"' EXIT
inside=package/bin/napi-v6/linux/$machine/libonnxruntime.so.1
(
  cd "$work"
  npm pack --silent "onnxruntime-node@$version" >/dev/null
  tar xzf ./*.tgz "$inside"
) || {
  echo "onnxruntime.sh: onnxruntime-node $version could not be fetched by npm" >&2
  exit 3
}
mv "$work/$inside" "$file"
echo "ready: $file"
