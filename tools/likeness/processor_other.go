//go:build !linux && !darwin && !windows

package main

// processor is not told here.
func processor() string { return "" }
