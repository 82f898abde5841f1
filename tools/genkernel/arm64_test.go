package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// armWords are encodings by another assembler (GNU binutils 2.40), at the edges
// of each field.
var armWords = map[string]uint32{
	"smlal v0.4s, v0.4h, v0.h[0]":     0x0f402000,
	"smlal v31.4s, v0.4h, v0.h[0]":    0x0f40201f,
	"smlal v0.4s, v31.4h, v0.h[0]":    0x0f4023e0,
	"smlal v0.4s, v0.4h, v15.h[0]":    0x0f4f2000,
	"smlal v0.4s, v0.4h, v0.h[1]":     0x0f502000,
	"smlal v0.4s, v0.4h, v0.h[2]":     0x0f602000,
	"smlal v0.4s, v0.4h, v0.h[4]":     0x0f402800,
	"smlal v0.4s, v0.4h, v0.h[7]":     0x0f702800,
	"smlal2 v0.4s, v0.8h, v0.h[0]":    0x4f402000,
	"smlal2 v21.4s, v10.8h, v5.h[3]":  0x4f752155,
	"smlal2 v31.4s, v31.8h, v15.h[7]": 0x4f7f2bff,
	"fcvtns v0.4s, v0.4s":             0x4e21a800,
	"fcvtns v31.4s, v0.4s":            0x4e21a81f,
	"fcvtns v0.4s, v31.4s":            0x4e21abe0,
}

// TestArmWords holds what smlal and fcvtns write against that table.
func TestArmWords(t *testing.T) {
	seen := 0
	check := func(code uint32, text string) {
		if want, ok := armWords[text]; ok {
			if seen++; code != want {
				t.Errorf("%s is 0x%08x, want 0x%08x", text, code, want)
			}
		}
	}
	for _, d := range []int{0, 21, 31} {
		for _, n := range []int{0, 10, 31} {
			check(fcvtns(d, n))
			for _, m := range []int{0, 5, 15} {
				for i := range 8 {
					check(smlal(d, n, m, i, false))
					check(smlal(d, n, m, i, true))
				}
			}
		}
	}
	if seen != len(armWords) {
		t.Errorf("%d instructions of the table were made, of %d", seen, len(armWords))
	}
}

// TestArmWordsAssembled gives every instruction that the arm64 files have as a
// word to another assembler, by its comment.
func TestArmWordsAssembled(t *testing.T) {
	as, err := exec.LookPath("aarch64-linux-gnu-as")
	if err != nil {
		t.Skip("no aarch64-linux-gnu-as here (Debian: binutils-aarch64-linux-gnu); TestArmWords has a table")
	}
	words := map[string]string{}
	for _, text := range arm64Files() {
		for _, m := range regexp.MustCompile(`WORD \$0x([0-9a-f]{8}) // (.*)`).FindAllStringSubmatch(string(text), -1) {
			words[m[2]] = m[1]
		}
	}
	var source strings.Builder
	var order []string
	for text := range words {
		order = append(order, text)
		fmt.Fprintln(&source, text)
	}
	dir := t.TempDir()
	object, flat := filepath.Join(dir, "o"), filepath.Join(dir, "bin")
	cmd := exec.Command(as, "-o", object, "-")
	cmd.Stdin = strings.NewReader(source.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := exec.Command(strings.TrimSuffix(as, "as")+"objcopy", "-O", "binary", object, flat).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	code, err := os.ReadFile(flat)
	if err != nil || len(code) != 4*len(order) {
		t.Fatalf("%d bytes for %d instructions: %v", len(code), len(order), err)
	}
	for i, text := range order {
		if got := fmt.Sprintf("%08x", binary.LittleEndian.Uint32(code[4*i:])); got != words[text] {
			t.Errorf("%s is 0x%s here, 0x%s to the other assembler", text, words[text], got)
		}
	}
	if len(order) < 500 {
		t.Errorf("%d words found in the files", len(order))
	}
}
