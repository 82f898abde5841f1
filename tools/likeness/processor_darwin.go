package main

import "golang.org/x/sys/unix"

// processor names the machine's processor, "" if it cannot be told.
func processor() string {
	name, _ := unix.Sysctl("machdep.cpu.brand_string")
	return name
}
