package main

import (
	"bufio"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
)

// machineMemory is the least of the machine's memory, the limits of the
// process's control groups (containers set them) and its address space; 0 if
// none of them can be told.
func machineMemory() int64 {
	least := int64(0)
	for _, n := range []int64{memTotal("/proc/meminfo"), groupLimit("/proc/self/cgroup", "/sys/fs/cgroup"), addressSpace()} {
		if n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	return least
}

func memTotal(file string) int64 {
	f, err := os.Open(file)
	if err != nil {
		return 0
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if rest, ok := strings.CutPrefix(s.Text(), "MemTotal:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(rest, "kB")), 10, 64)
			return n << 10
		}
	}
	return 0
}

// groupLimit is the least limit on the way from the process's control group to
// the root: of version 2 (0::/a/b), or of version 1's memory controller
// (9:memory:/a/b). Inside a container the path may be that of the host; then
// the root is the container's own.
func groupLimit(groups, root string) int64 {
	data, err := os.ReadFile(groups)
	if err != nil {
		return 0
	}
	least := int64(0)
	for line := range strings.SplitSeq(string(data), "\n") {
		part := strings.SplitN(line, ":", 3)
		if len(part) != 3 {
			continue
		}
		base, file := root, "memory.max"
		if part[1] != "" {
			if !strings.Contains(","+part[1]+",", ",memory,") {
				continue
			}
			base, file = path.Join(root, "memory"), "memory.limit_in_bytes"
		}
		for dir := path.Clean("/" + part[2]); ; dir = path.Dir(dir) {
			if text, err := os.ReadFile(path.Join(base, dir, file)); err == nil {
				n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // "max" is no number
				if err == nil && n > 0 && n < 1<<60 && (least == 0 || n < least) {
					least = n
				}
			}
			if dir == "/" {
				break
			}
		}
	}
	return least
}

func addressSpace() int64 {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_AS, &l) != nil || l.Cur > 1<<60 {
		return 0
	}
	return int64(l.Cur)
}
