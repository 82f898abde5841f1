//go:build !windows

package main

import "os"

// obeysEscapes reports whether a terminal moves its cursor at escape sequences.
func obeysEscapes(*os.File) bool { return os.Getenv("TERM") != "dumb" }
