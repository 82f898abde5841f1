#!/bin/sh
# Instructions of linux/arm64 under QEMU, which counts them exactly: of one
# picture by the default network, from pixels of its size to a vector, and of
# all layers of MobileNetV2 at 224 x 224; by the kernels for arm64, by the
# portable ones and, for the layers, by the plain loops that both equal.
# Needs a C compiler and qemu-aarch64 (Debian: qemu-user). See README.md.
set -eu
cd "$(dirname "$0")/../.."
command -v qemu-aarch64 >/dev/null || { echo "no qemu-aarch64 here (Debian: qemu-user)" >&2; exit 1; }
to=$(pwd)/bin/instructions
mkdir -p "$to"
cc -shared -fPIC -O2 -o "$to/plugin.so" tools/instructions/plugin.c
for package in kernel engine; do
  path=./engine; [ $package = engine ] || path=./engine/kernel
  GOARCH=arm64 go test -c -o "$to/$package-neon" $path
  GOARCH=arm64 go test -c -tags nosimd -o "$to/$package-portable" $path
done

# run PROGRAM BENCHMARK TIMES: instructions of the whole program.
run() {
  qemu-aarch64 -E GOMAXPROCS=1 -E GOGC=off -plugin "$to/plugin.so" -d plugin "$1" -test.run '^$' -test.bench "$2" -test.benchtime "$3x" 2>&1 |
    sed -n 's/^instructions all //p'
}

# count NAME PROGRAM BENCHMARK: what two more rounds take, halved.
count() {
  few=$(run "$2" "$3" 1)
  many=$(run "$2" "$3" 3)
  echo "$1: $(( (many - few) / 2000 )) thousand instructions"
}

cd engine
for body in neon portable; do
  count "one picture, $body" "$to/engine-$body" 'Network/likeness'
done
for kind in gemm depthwise fc; do
  for body in neon portable; do
    count "MobileNetV2 $kind, $body" "$to/kernel-$body" "Network/mobilenet_v2/$kind"
  done
  count "MobileNetV2 $kind, plain loops" "$to/kernel-portable" "Definition/mobilenet_v2/$kind"
done
