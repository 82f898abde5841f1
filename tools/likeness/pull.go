package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"likeness/models"
	"likeness/tools/pull"
)

var pullCommand = command{
	name:    "pull",
	summary: "obtain and convert models of the catalog; without a name, list it",
	usage:   "[--dir models] [--trust | --file FILE] [NAME...]",
	example: "likeness pull\nlikeness pull nsfwjs_inception_v3\nlikeness pull mobilenet_v2 --labels imagenet\nlikeness pull vgg16 --file Downloads/vgg16-7.onnx",
	run:     (*app).pull,
}

func (a *app) pull(fs *flag.FlagSet, args []string) (int, error) {
	dir := fs.String("dir", "models", "`FOLDER` for converted models")
	asJSON := fs.Bool("json", false, "print the result as JSON")
	file := fs.String("file", "", "`FILE` that you have downloaded, instead of fetching it")
	trust := fs.Bool("trust", false, "accept what the publisher's address answers for models whose hash the catalog does not hold")
	labels := fs.String("labels", "", "`FILE` with the names of the classes, as likeness convert takes it, or imagenet")
	names, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if len(names) == 0 && *file == "" {
		return exitOK, a.listCatalog(*asJSON)
	}
	if *file != "" && len(names) != 1 {
		return exitFatal, usagef("--file is for one model: name it")
	}
	if *labels != "" && len(names) != 1 {
		return exitFatal, usagef("--labels is for one model: name it")
	}
	if err := inCatalog(names); err != nil {
		return exitFatal, err
	}
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		return exitFatal, fmt.Errorf("folder %s cannot be made: %w: choose another with --dir", *dir, cause(err))
	}
	p := newProgress(a.stderr)
	opt := pull.Options{Dir: *dir, File: *file, Trust: *trust, Log: func(s string) { p.line("%s", s) }, Progress: func(done, total int64) {
		if total > 0 {
			p.step("downloaded", "KiB", int(done>>10), int(total>>10))
		}
	}}
	if *labels != "" {
		if opt.Labels, opt.LabelsFrom, err = pull.Labels(a.ctx, *labels); err != nil {
			return exitFatal, err
		}
	}
	var results []*pull.Result
	for _, name := range names {
		r, err := pull.Get(a.ctx, name, opt)
		if err != nil {
			if a.ctx.Err() != nil {
				err = a.interrupted()
			}
			return exitFatal, err
		}
		results = append(results, r)
		a.leaves("%s is complete", r.File)
	}
	if *asJSON {
		return exitOK, json.NewEncoder(a.text()).Encode(results)
	}
	for _, r := range results {
		verb := "is already in"
		if r.Fresh {
			verb = "was obtained from " + r.Source + " and is in"
		}
		fmt.Fprintln(a.text(), r.Name, verb, r.File)
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
		return json.NewEncoder(a.text()).Encode(entries)
	}
	t := tabwriter.NewWriter(a.text(), 0, 0, 2, ' ', 0)
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
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.text(), "\nlikeness pull NAME obtains one. %s is in the repository and is used where no model is named.\n", models.Default)
	return nil
}

// inCatalog refuses names before anything is fetched or made for those before
// them.
func inCatalog(names []string) error {
	known := catalogNames()
	for _, name := range names {
		if name == models.Default {
			return fmt.Errorf("%s is not obtained: it is in the repository, models/%s.safetensors", name, name)
		}
		if !slices.Contains(known, name) {
			return fmt.Errorf("the catalog has no model %q; it has %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}
