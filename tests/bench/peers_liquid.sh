# What liquid-dsp needs for the work of bench_dsp, where Debian's libliquid-dev is
# installed; nothing otherwise.
place=$(mktemp -d) || exit
trap 'rm -r "$place"' EXIT
cc -O2 tests/bench/peers_liquid.c -lliquid -lm -o "$place/peers" && "$place/peers"
