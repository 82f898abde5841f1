// Command wasmsize tells what a wasm that Go has linked consists of: bytes of
// code by package, and of data. The file must have its names (no -s -w); those
// themselves are left out.
//
//	go run ./tools/wasmsize [-n 25] FILE.wasm
package main

import (
	"cmp"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

func main() {
	n := flag.Int("n", 25, "packages to list")
	flag.Parse()
	if err := run(flag.Arg(0), *n); err != nil {
		fmt.Fprintln(os.Stderr, "wasmsize:", err)
		os.Exit(1)
	}
}

func run(file string, n int) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	m, err := parse(data)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	code := 0
	by := map[string]int{}
	for i, size := range m.sizes {
		code += size
		by[pack(m.names[m.imports+i])] += size
	}
	fmt.Printf("%9d  data: function tables, types, strings\n%9d  code, of which\n", m.data, code)
	order := slices.SortedFunc(maps.Keys(by), func(a, b string) int { return cmp.Or(by[b]-by[a], cmp.Compare(a, b)) })
	rest := 0
	for i, p := range order {
		if i >= n {
			rest += by[p]
			continue
		}
		fmt.Printf("%9d  %4.1f %%  %s\n", by[p], 100*float64(by[p])/float64(code), p)
	}
	fmt.Printf("%9d  %4.1f %%  %d other packages\n", rest, 100*float64(rest)/float64(code), max(len(order)-n, 0))
	return nil
}

// packageName is the part of a symbol that the wasm linker writes for its
// package: slashes have become underscores, and a dot ends it.
var packageName = regexp.MustCompile(`^[^.(\[]+`)

// pack names the package of a function, or the group for the standard
// library's and other modules' many small ones.
func pack(name string) string {
	p := packageName.FindString(name)
	for _, g := range []struct{ prefix, group string }{
		{"crypto_", "crypto/..."}, {"vendor_golang", "golang.org/x/net, crypto, text"}, {"golang", "golang.org/x/image"},
		{"gonum", "gonum.org/v1/gonum"}, {"internal_runtime", "runtime"}, {"internal_", "internal/..."}, {"net_http", "net/http"},
		{"likeness_engine_picture", "likeness/engine/picture"},
	} {
		if strings.HasPrefix(p, g.prefix) {
			return g.group
		}
	}
	return cmp.Or(strings.ReplaceAll(p, "_", "/"), "(no name)")
}

type module struct {
	imports int   // functions before the first of sizes
	sizes   []int // of function bodies
	names   map[int]string
	data    int
}

// reader takes numbers and strings off a section.
type reader struct {
	b   []byte
	err error
}

func (r *reader) number() int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > 1<<31 {
		r.err, r.b = errors.New("a number is cut off"), nil
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.err, r.b = errors.New("a section is cut off"), nil
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

// Sections of a wasm file.
const (
	custom    = 0
	imports   = 2
	codes     = 10
	datas     = 11
	functions = 1 // within the custom section "name"
)

func parse(b []byte) (*module, error) {
	r := &reader{b: b}
	if string(r.bytes(8)) != "\x00asm\x01\x00\x00\x00" {
		return nil, errors.New("not a wasm file")
	}
	m := &module{names: map[int]string{}}
	for len(r.b) > 0 && r.err == nil {
		id := r.bytes(1)[0]
		s := &reader{b: r.bytes(r.number())}
		switch id {
		case imports:
			for range s.number() {
				s.bytes(s.number())
				s.bytes(s.number())
				if kind := s.bytes(1); len(kind) != 1 || kind[0] != 0 {
					return nil, errors.New("it imports something other than functions")
				}
				s.number()
				m.imports++
			}
		case codes:
			for range s.number() {
				m.sizes = append(m.sizes, len(s.bytes(s.number())))
			}
		case datas:
			m.data = len(s.b)
		case custom:
			if string(s.bytes(s.number())) == "name" {
				m.readNames(s)
			}
		}
		if s.err != nil {
			return nil, s.err
		}
	}
	if len(m.names) == 0 {
		return nil, errors.New("it has no names: link it without -s and -w")
	}
	return m, r.err
}

func (m *module) readNames(s *reader) {
	for len(s.b) > 0 {
		kind := s.bytes(1)[0]
		names := &reader{b: s.bytes(s.number())}
		if kind != functions {
			continue
		}
		for range names.number() {
			i := names.number()
			m.names[i] = string(names.bytes(names.number()))
		}
		s.err = cmp.Or(s.err, names.err)
	}
}
