#!/bin/sh
# Install the Debian packages that are missing: packages.sh build|test|soak|bench
# Says what it installs; asks for sudo when not root; silent when all is there.
set -eu

build="gcc libc6-dev cmake ninja-build pkg-config libluajit-5.1-dev libuv1-dev
  libsqlite3-dev libpcre2-dev libmodbus-dev libsodium-dev libzstd-dev
  libudunits2-dev libcurl4-openssl-dev libpq-dev libedit-dev
  libpng-dev libjpeg62-turbo-dev libtiff-dev"
test="$build lua-busted lua-check libcmocka-dev liblua5.4-dev socat python3
  python3-pymodbus python3-serial-asyncio postgresql libonnx-testdata
  librsvg2-2 libcairo2 fonts-dejavu-core libaravis-0.8-0
  clang libclang-rt-dev"
soak="$test gcovr"
bench="$build python3-scipy python3-bottleneck libxgboost-dev libliquid-dev"
peers="libliquid-dev" # done without where Debian has it not

case "${1:-}" in
  build) wanted=$build ;;
  test) wanted=$test ;;
  soak) wanted=$soak ;;
  bench) wanted=$bench ;;
  *) echo "usage: packages.sh build|test|soak|bench" >&2; exit 2 ;;
esac

missing=
for p in $wanted; do
  case "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)" in
    installed) ;;
    *) missing="$missing $p" ;;
  esac
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "packages.sh: apt-get not found; install by hand:$missing" >&2
  exit 3
fi
echo "Installing from Debian:$missing"
as_root=
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || {
    echo "packages.sh: not root and no sudo; run as root: apt-get install$missing" >&2
    exit 3
  }
  as_root=sudo
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # the list is words
$as_root apt-get update -qq
for p in $peers; do
  apt-cache show "$p" >/dev/null 2>&1 ||
    missing=$(echo "$missing" | sed "s/ $p\b//")
done
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null || {
  echo "packages.sh: apt-get could not install:$missing" >&2
  exit 3
}
