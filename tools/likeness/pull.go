package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"likeness/tools/pull"
)

func (a *app) pull(fs *flag.FlagSet, args []string) (int, error) {
	dir := fs.String("dir", "models", "folder for converted models")
	asJSON := fs.Bool("json", false, "print the result as JSON")
	names, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		return exitFatal, err
	}
	opt := pull.Options{Dir: *dir, Log: func(s string) { fmt.Fprintln(a.stderr, s) }}
	var results []*pull.Result
	if len(names) == 0 {
		r, err := pull.Default(a.ctx, opt)
		if err != nil {
			return exitFatal, err
		}
		results = append(results, r)
	}
	for _, name := range names {
		r, err := pull.Get(a.ctx, name, opt)
		if err != nil {
			return exitFatal, err
		}
		results = append(results, r)
	}
	if *asJSON {
		return exitOK, json.NewEncoder(a.stdout).Encode(results)
	}
	for _, r := range results {
		verb := "is in"
		if r.Fresh {
			verb = "was obtained from " + r.Source + " and is in"
		}
		fmt.Fprintf(a.stdout, "%s %s %s\n", r.Name, verb, r.File)
	}
	return exitOK, nil
}
