package main

import (
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"

	"likeness/engine"
)

var versionCommand = command{
	name:    "version",
	summary: "print the version and the kernels in use",
	example: "likeness version",
	run: func(a *app, fs *flag.FlagSet, args []string) (int, error) {
		if _, err := parse(fs, args); err != nil {
			return exitFatal, err
		}
		version := "(unknown)"
		if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
			version = info.Main.Version
		}
		fmt.Fprintf(a.stdout, "likeness %s, %s %s/%s, kernels %s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH, engine.Backend())
		return exitOK, nil
	},
}
