#!/bin/sh
# Makes sure that a Python with scikit-learn can be found for the test of what is
# taken home. Without one the test is skipped, but never where CI is set.
find_python() {
  for p in "$LIKENESS_PYTHON" python3 /usr/bin/python3; do
    if [ -n "$p" ] && "$p" -c 'import numpy, sklearn, matplotlib' >/dev/null 2>&1; then return 0; fi
  done
  return 1
}
find_python && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing scikit-learn"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-numpy python3-sklearn python3-matplotlib >/dev/null
  find_python && exit 0
fi
echo "There is no Python with scikit-learn and matplotlib: pip install numpy scikit-learn matplotlib, or set LIKENESS_PYTHON to one that has them." >&2
[ -z "$CI" ]
