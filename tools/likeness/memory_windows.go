package main

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// memoryStatus is MEMORYSTATUSEX of the Windows API.
type memoryStatus struct {
	length, load                                        uint32
	physical, freePhysical, pageFile, freePageFile      uint64
	addressSpace, freeAddressSpace, freeExtendedAddress uint64
}

var globalMemoryStatus = windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")

// machineMemory is the least of the machine's memory, of what its page files
// leave, as a job may limit it, and of the process's address space; 0 if none
// can be told.
func machineMemory() int64 {
	var s memoryStatus
	s.length = uint32(unsafe.Sizeof(s))
	if ok, _, _ := globalMemoryStatus.Call(uintptr(unsafe.Pointer(&s))); ok == 0 {
		return 0
	}
	n := min(s.physical, s.pageFile, s.addressSpace)
	if n > 1<<60 {
		return 0
	}
	return int64(n)
}
