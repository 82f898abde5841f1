// Command samples writes the sounds, time series and texts of package
// engine/signal/samples, a folder for each kind:
//
//	go run ./tools/samples OUT
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"likeness/engine/signal/samples"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./tools/samples OUT")
		os.Exit(2)
	}
	for name, data := range samples.Files() {
		path := filepath.Join(os.Args[1], filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(path), 0o777)
		if err == nil {
			err = os.WriteFile(path, data, 0o666)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "samples:", err)
			os.Exit(1)
		}
	}
}
