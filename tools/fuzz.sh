#!/bin/sh
# Runs every fuzz target of the repository:
#
#	sh tools/fuzz.sh TIME [PATTERN [JOBS]]
#
# TIME is for each target, such as 5s or 10m; 0 lists the targets only. PATTERN
# (of grep -E) chooses among the lines "package target". JOBS targets run at a
# time (1), each with one worker. Minimising is kept short: with Go's default it
# takes nearly all of the time. What a target finds lies in its package's
# testdata/fuzz and is named at the end.
set -u
usage="usage: sh tools/fuzz.sh TIME [PATTERN [JOBS]]"
time=${1:?"$usage"}
pattern=${2:-.}
jobs=${3:-1}
cd "$(dirname "$0")/.." || exit 2
: "${GOTOOLCHAIN:=go1.27.4}" "${GOEXPERIMENT:=simd}"
export GOTOOLCHAIN GOEXPERIMENT

targets=$(grep -rn --include='*_test.go' -o '^func Fuzz[A-Za-z0-9_]*' engine tools wasm models |
	sed 's|^\(.*\)/[^/]*_test\.go:[0-9]*:func \(Fuzz.*\)$|./\1 \2|' | sort -u | grep -E "$pattern")
[ -n "$targets" ] || { echo "no fuzz target matches $pattern"; exit 2; }
if [ "$time" = 0 ]; then
	echo "$targets"
	exit 0
fi

# One program a package, with what finds new ways through the code.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cache=$(go env GOCACHE)/fuzz
for package in $(echo "$targets" | cut -d' ' -f1 | sort -u); do
	program="$work/$(echo "$package" | tr '/.' '__').test"
	go test -c -vet=off -fuzz Fuzz -o "$program" "$package" || exit 1
done

# one runs a target and leaves found/NAME if it finds something.
cat >"$work/one" <<'END'
package=$1 target=$2 time=$3 work=$4 cache=$5
name=$(echo "$package" | tr '/.' '__')
cd "$package" || exit 1
# The last lines tell how many runs there were.
if "$work/$name.test" -test.run '^$' -test.fuzz "^$target\$" -test.fuzztime "$time" -test.fuzzminimizetime 10x \
	-test.parallel 1 -test.timeout 0 -test.fuzzcachedir "$cache/likeness/${package#./}" >"$work/$name.$target.log" 2>&1; then
	echo "$package $target: $(grep '^fuzz: elapsed' "$work/$name.$target.log" | tail -1)"
else
	echo "$package $target FOUND SOMETHING:"
	grep -v '^fuzz: elapsed' "$work/$name.$target.log" | tail -40
	touch "$work/$name.$target.found"
fi
END
echo "$targets" | while read -r package target; do
	echo "$package" "$target" "$time" "$work" "$cache"
done | xargs -P "$jobs" -n 5 sh "$work/one"
found=$(ls "$work" | grep '\.found$')
[ -z "$found" ] || { echo "found something:"; echo "$found"; exit 1; }
