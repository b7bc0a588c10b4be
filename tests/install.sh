#!/usr/bin/env bash
# The installed program works away from the source tree, and a C program links
# the installed library through pkg-config and through find_package.
#   tests/install.sh BUILD_DIR
set -euo pipefail
source_dir=$(cd "$(dirname "$0")/.." && pwd)
build_dir=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build_dir" --prefix "$work/prefix" >/dev/null
cp -r "$source_dir/examples/embed" "$work/embed"
cd "$work"

prefix/bin/linewright version
prefix/bin/linewright check recipes/electrode_coating.lua --line lines/pilot_a.lua

pc=$(find "$work/prefix" -name linewright.pc)
export PKG_CONFIG_PATH=${pc%/*}
libdir=$(pkg-config --variable=libdir linewright)
# shellcheck disable=SC2046 # pkg-config prints words
cc -std=c11 -Wall -Wextra -Werror -o by_pkgconfig embed/embed.c \
  $(pkg-config --cflags --libs linewright) -lm -Wl,-rpath,"$libdir"
./by_pkgconfig

# A backend for models needs the installed headers and nothing else.
# shellcheck disable=SC2046 # pkg-config prints words
cc -std=c11 -Wall -Wextra -Werror -shared -fPIC -o double.so \
  "$source_dir/examples/backend/double.c" $(pkg-config --cflags linewright)

cmake -S embed -B by_cmake -DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
cmake --build by_cmake >/dev/null
./by_cmake/embed
