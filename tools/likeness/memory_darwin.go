package main

import "golang.org/x/sys/unix"

// machineMemory is the machine's memory, 0 if it cannot be told.
func machineMemory() int64 {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil || n > 1<<60 {
		return 0
	}
	return int64(n)
}
