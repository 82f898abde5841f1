// Command likeness obtains and converts models, embeds pictures and serves the
// page.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// Exit statuses.
const (
	exitOK    = 0
	exitSome  = 1 // some pictures failed, the rest was done
	exitFatal = 2
)

// app is where a command writes; tests replace it.
type app struct {
	ctx            context.Context
	stdout, stderr io.Writer
}

type command struct {
	name, summary, usage string
	run                  func(a *app, fs *flag.FlagSet, args []string) (int, error)
}

var commands []command

func init() {
	commands = []command{
		{"pull", "obtain and convert a model of the catalog", "likeness pull [NAME]\n  likeness pull mobilenet_v2_oid", (*app).pull},
		{"convert", "convert a TensorFlow Lite file", "likeness convert IN.tflite -o OUT.safetensors\n  likeness convert net.tflite -o net.safetensors --calibrate photos/", (*app).convert},
		{"inspect", "list the layers of a model", "likeness inspect MODEL\n  likeness inspect mobilenet_v2", (*app).inspect},
		{"embed", "turn pictures into vectors", "likeness embed --model MODEL [flags] PATH...\n  likeness embed --model mobilenet_v2 --format csv -o vectors.csv photos/", (*app).embed},
		{"serve", "serve the page on 127.0.0.1", "likeness serve [--port 8080] [FOLDER]\n  likeness serve --port 9000 dist", (*app).serve},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit((&app{ctx, os.Stdout, os.Stderr}).main(os.Args[1:]))
}

func (a *app) main(args []string) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		fmt.Fprintln(a.stdout, "likeness turns pictures into feature vectors.\n\nCommands:")
		for _, c := range commands {
			fmt.Fprintf(a.stdout, "  %-8s %s\n", c.name, c.summary)
		}
		fmt.Fprintln(a.stdout, "\nlikeness COMMAND --help tells more.")
		return exitOK
	}
	for _, c := range commands {
		if c.name != args[0] {
			continue
		}
		fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
		fs.SetOutput(a.stderr)
		fs.Usage = func() {
			fmt.Fprintf(a.stderr, "%s: %s\n\nUsage:\n  %s\n\nFlags:\n", c.name, c.summary, c.usage)
			fs.PrintDefaults()
		}
		status, err := c.run(a, fs, args[1:])
		if errors.Is(err, flag.ErrHelp) {
			return exitOK
		}
		if err != nil {
			fmt.Fprintf(a.stderr, "likeness %s: %v\n", c.name, err)
			return exitFatal
		}
		return status
	}
	fmt.Fprintf(a.stderr, "likeness: unknown command %q; likeness --help lists the commands\n", args[0])
	return exitFatal
}

// parse allows flags after arguments: likeness embed photos/ --model m.
func parse(fs *flag.FlagSet, args []string) ([]string, error) {
	var rest []string
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		if fs.NArg() == 0 {
			return rest, nil
		}
		rest = append(rest, fs.Arg(0))
		args = fs.Args()[1:]
	}
}
