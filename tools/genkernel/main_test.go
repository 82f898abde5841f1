package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The generated files are those this program writes.
func TestCurrent(t *testing.T) {
	for name, text := range files() {
		old, err := os.ReadFile(filepath.Join("..", "..", "engine", "kernel", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(old, text) {
			t.Errorf("engine/kernel/%s is not current: run go run ./tools/genkernel", name)
		}
	}
}

// The opcodes that stand for offset bytes are in the order of their encoding.
func TestOpcodes(t *testing.T) {
	if n := len(opcodes); firstOpcode+n-1 != 0x7f {
		t.Errorf("%d opcodes from %#x end at %#x", n, firstOpcode, firstOpcode+n-1)
	}
	for name, code := range map[string]int{"I32Eqz": 0x45, "I32LtS": 0x48, "I64Eqz": 0x50, "F32Eq": 0x5b, "F64Ge": 0x66, "I32Add": 0x6a, "I64Add": 0x7c, "I64DivS": 0x7f} {
		if got := opcodes[code-firstOpcode]; got != name {
			t.Errorf("opcode %#x is %s, want %s", code, got, name)
		}
	}
}
