package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"likeness/tools/pull"
)

var pullCommand = command{
	name:    "pull",
	summary: "obtain and convert a model of the catalog: the named ones, or the best that can be had",
	usage:   "[--dir models] [NAME...]",
	example: "likeness pull\nlikeness pull mobilenet_v2_oid",
	run:     (*app).pull,
}

func (a *app) pull(fs *flag.FlagSet, args []string) (int, error) {
	dir := fs.String("dir", "models", "`FOLDER` for converted models")
	asJSON := fs.Bool("json", false, "print the result as JSON")
	names, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		return exitFatal, fmt.Errorf("folder %s cannot be made: %w: choose another with --dir", *dir, cause(err))
	}
	opt := pull.Options{Dir: *dir, Log: func(s string) { fmt.Fprintln(a.stderr, s) }}
	var results []*pull.Result
	get := func(r *pull.Result, err error) error {
		if err == nil {
			results = append(results, r)
		}
		return err
	}
	if len(names) == 0 {
		err = get(pull.Default(a.ctx, opt))
	}
	for _, name := range names {
		if err = get(pull.Get(a.ctx, name, opt)); err != nil {
			break
		}
	}
	if err != nil {
		if a.ctx.Err() != nil {
			err = fmt.Errorf("interrupted: %w", err)
		}
		return exitFatal, err
	}
	if *asJSON {
		return exitOK, json.NewEncoder(a.stdout).Encode(results)
	}
	for _, r := range results {
		verb := "is already in"
		if r.Fresh {
			verb = "was obtained from " + r.Source + " and is in"
		}
		fmt.Fprintln(a.stdout, r.Name, verb, r.File)
	}
	return exitOK, nil
}
