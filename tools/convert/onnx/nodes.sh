#!/bin/sh
# Makes sure that the ONNX project's node tests are there (Debian: libonnx-testdata).
[ -d "${LIKENESS_ONNX_NODE_TESTS:-/usr/share/libonnx-testdata/data/node}" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing libonnx-testdata"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libonnx-testdata >/dev/null
  exit $?
fi
echo "ONNX's node tests are not here and are skipped: install Debian's libonnx-testdata, or name their folder in LIKENESS_ONNX_NODE_TESTS." >&2
