package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// unknownMemory is taken for the machine's memory where it cannot be told.
const unknownMemory = 4 << 30

// memoryFlag is a number of bytes: 512M, 4G, 1.5GiB, 1000000.
type memoryFlag int64

func (m *memoryFlag) String() string { return "" }

func (m *memoryFlag) Set(s string) error {
	number := strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(s)), "B"), "I"), " ")
	unit := 1.0
	if n := len(number); n > 0 {
		if at := strings.IndexByte("KMGT", number[n-1]); at >= 0 {
			unit = math.Pow(1024, float64(at+1))
			number = strings.TrimSpace(number[:n-1])
		}
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !(v > 0) || v*unit > 1<<62 {
		return fmt.Errorf("%q is no size of memory, such as 512M or 4G", s)
	}
	*m = memoryFlag(v * unit)
	return nil
}

// defaultMemory is half of what the process can have.
func defaultMemory() int64 {
	if n := machineMemory(); n > 0 {
		return n / 2
	}
	return unknownMemory / 2
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d bytes", n)
}
