package main

import "os"

// processor names the machine's processor, "" if it cannot be told.
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	return processorName(f)
}
