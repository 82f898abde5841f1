package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"text/tabwriter"

	"likeness/tools/pull"
)

var pullCommand = command{
	name:    "pull",
	summary: "obtain and convert a model of the catalog: the named ones, or the best that can be had",
	usage:   "[--dir models] [--trust | --file FILE] [NAME...]",
	example: "likeness pull\nlikeness pull nsfwjs_inception_v3\nlikeness pull vgg16 --file Downloads/vgg16-7.onnx\nlikeness pull --list",
	run:     (*app).pull,
}

func (a *app) pull(fs *flag.FlagSet, args []string) (int, error) {
	dir := fs.String("dir", "models", "`FOLDER` for converted models")
	asJSON := fs.Bool("json", false, "print the result as JSON")
	file := fs.String("file", "", "`FILE` that you have downloaded, instead of fetching it")
	trust := fs.Bool("trust", false, "accept what the publisher's address answers for models whose hash the catalog does not hold")
	list := fs.Bool("list", false, "list the catalog")
	names, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if *list {
		return exitOK, a.listCatalog(*asJSON)
	}
	if *file != "" && len(names) != 1 {
		return exitFatal, usagef("--file is for one model: name it")
	}
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		return exitFatal, fmt.Errorf("folder %s cannot be made: %w: choose another with --dir", *dir, cause(err))
	}
	opt := pull.Options{Dir: *dir, File: *file, Trust: *trust, Log: func(s string) { fmt.Fprintln(a.stderr, s) }}
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

// listCatalog prints what can be obtained and under which licence.
func (a *app) listCatalog(asJSON bool) error {
	entries, err := pull.Catalog()
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(a.stdout).Encode(entries)
	}
	t := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, e := range entries {
		how := e.Sources[len(e.Sources)-1].Kind
		switch {
		case e.SHA256 == "":
			how = "needs --trust or --file"
		case how == "dir":
			how = "from a folder named in LIKENESS_MODELS"
		case how == "npm":
			how = "by npm"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", e.Name, e.License, how, e.Title)
	}
	return t.Flush()
}
