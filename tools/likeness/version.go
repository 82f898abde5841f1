package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"

	"likeness/engine"
)

var versionCommand = command{
	name:    "version",
	summary: "print the version and the kernels in use",
	usage:   "[--json]",
	example: "likeness version --json",
	run:     (*app).version,
}

// build tells which program this is and where it runs.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"` // of the sources, if it was built in a checkout
	Changed  bool   `json:"changed,omitempty"`  // since that revision
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	CPUs     int    `json:"cpus"`
	Kernels  string `json:"kernels"`
	Memory   int64  `json:"memory"` // bytes that embed takes at most by default
}

func thisBuild() build {
	b := build{Version: engine.Version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Kernels: engine.Backend(), Memory: defaultMemory()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Revision = s.Value
			case "vcs.modified":
				b.Changed = s.Value == "true"
			}
		}
	}
	return b
}

func (a *app) version(fs *flag.FlagSet, args []string) (int, error) {
	asJSON := fs.Bool("json", false, "print JSON")
	rest, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if len(rest) > 0 {
		return exitFatal, usagef("flags only are wanted")
	}
	b := thisBuild()
	if *asJSON {
		return exitOK, a.printJSON(b)
	}
	_, err = fmt.Fprintf(a.stdout, "likeness %s, %s %s/%s, kernels %s\n", b.Version, b.Go, b.OS, b.Arch, b.Kernels)
	return exitOK, err
}

func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.text())
	e.SetIndent("", " ")
	return e.Encode(v)
}
