package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// obeysEscapes reports whether a console moves its cursor at escape sequences,
// and tells it to: consoles of Windows 10 and later do so when they are asked.
func obeysEscapes(f *os.File) bool {
	h := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(h, &mode) != nil {
		return false
	}
	const wanted = windows.ENABLE_PROCESSED_OUTPUT | windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING
	return mode&wanted == wanted || windows.SetConsoleMode(h, mode|wanted) == nil
}
