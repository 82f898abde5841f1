#!/bin/sh
# Runs every fuzz target of the repository, one after the other:
#
#	sh tools/fuzz.sh MINUTES [PATTERN]
#
# MINUTES is for each target and may be a fraction; 0 lists the targets only.
# PATTERN (of grep -E) chooses among the lines "package target". Minimising is
# kept short: with Go's default it takes nearly all of the time. What a target
# finds lies in its package's testdata/fuzz and is named at the end.
set -u
minutes=${1:?"usage: sh tools/fuzz.sh MINUTES [PATTERN]"}
pattern=${2:-.}
cd "$(dirname "$0")/.." || exit 2
: "${GOTOOLCHAIN:=go1.27.4}" "${GOEXPERIMENT:=simd}"
export GOTOOLCHAIN GOEXPERIMENT

targets=$(grep -rn --include='*_test.go' -o '^func Fuzz[A-Za-z0-9_]*' engine tools wasm models |
	sed 's|^\(.*\)/[^/]*_test\.go:[0-9]*:func \(Fuzz.*\)$|./\1 \2|' | sort -u | grep -E "$pattern")
[ -n "$targets" ] || { echo "no fuzz target matches $pattern"; exit 2; }
echo "$targets"
[ "$minutes" = 0 ] && exit 0

found=
IFS='
'
for line in $targets; do
	package=${line% *} target=${line#* }
	echo "== $package $target, $minutes min"
	# The last lines tell how many runs there were.
	log=$(go test -run '^$' -fuzz "^$target\$" -fuzztime "${minutes}m" -fuzzminimizetime 10x "$package" 2>&1)
	status=$?
	echo "$log" | grep '^fuzz: elapsed' | tail -1
	if [ $status -ne 0 ]; then
		echo "$log" | grep -v '^fuzz: elapsed' | tail -40
		found="$found
$package $target"
	fi
done
[ -z "$found" ] || { echo "found something:$found"; exit 1; }
