package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// Exit statuses.
const (
	exitOK    = 0
	exitSome  = 1 // some pictures failed, the rest was done
	exitFatal = 2 // wrong usage, or nothing was done
	// As shells have it for programs that a signal has ended: SIGINT, SIGPIPE.
	exitInterrupted = 130
	exitClosedPipe  = 141
)

// command is one word after likeness. run defines its flags on fs and parses
// args with parse.
type command struct {
	name, summary string
	usage         string // what follows likeness NAME
	example       string
	run           func(a *app, fs *flag.FlagSet, args []string) (int, error)
}

var commands = []*command{&pullCommand, &convertCommand, &exportCommand, &inspectCommand, &embedCommand, &renderCommand, &teachCommand, &classifyCommand, &evalCommand, &mapCommand, &clusterCommand, &duplicatesCommand, &explainCommand, &indexCommand, &searchCommand, &serveCommand, &benchCommand, &versionCommand}

func (a *app) main(args []string) int {
	if len(args) == 0 {
		a.overview(a.stderr)
		return exitFatal
	}
	name := args[0]
	switch name {
	case "--version", "-version":
		name = "version"
	case "help", "--help", "-help", "-h":
		if len(args) < 2 {
			a.overview(a.stdout)
			return a.printed("", exitOK)
		}
		name, args = args[1], []string{args[1], "--help"}
	}
	for _, c := range commands {
		if c.name == name {
			return a.call(c, args[1:])
		}
	}
	a.say("likeness: unknown command %q; likeness --help lists the commands", name)
	return exitFatal
}

func (a *app) call(c *command, args []string) int {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // flag prints errors and usage by itself
	status, err := c.run(a, fs, args)
	if errors.Is(err, flag.ErrHelp) {
		c.help(a.stdout, fs)
		return a.printed(c.name, exitOK)
	}
	var usage *usageError
	switch {
	case a.broken(): // likeness ... | head has seen enough
		return exitClosedPipe
	case errors.As(err, &usage):
		a.say("likeness %s: %v; likeness %s --help tells more", c.name, err, c.name)
		return exitFatal
	case errors.Is(err, errInterrupted) || err != nil && a.ctx.Err() != nil:
		a.say("likeness %s: %v", c.name, err)
		return exitInterrupted
	case err != nil:
		a.say("likeness %s: %v", c.name, err)
		return exitFatal
	}
	return a.printed(c.name, status)
}

// printed is the status of a command that has done its work: a failure, if
// what it printed has not arrived.
func (a *app) printed(name string, status int) int {
	if err := a.lost(); err != nil && !a.broken() {
		a.say("%s: %v", strings.TrimSpace("likeness "+name), err)
		return exitFatal
	}
	return status
}

func (a *app) overview(w io.Writer) {
	fmt.Fprintln(w, "likeness turns pictures into feature vectors and finds those that look alike.\n\nCommands:")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprintln(w, "\nlikeness COMMAND --help tells more. Exit status: 0 done, 1 some pictures failed,\n2 wrong usage or nothing done, 128 and the signal's number when interrupted.")
}

func (c *command) help(w io.Writer, fs *flag.FlagSet) {
	fmt.Fprintf(w, "likeness %s: %s\n\nUsage:\n  likeness %s %s\n\nExample:\n  %s\n\nFlags:\n",
		c.name, c.summary, c.name, c.usage, strings.ReplaceAll(c.example, "\n", "\n  "))
	fs.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		dashes := "--"
		if len(f.Name) == 1 {
			dashes = "-"
		}
		if f.DefValue != "" && f.DefValue != "false" && !strings.Contains(usage, "(default: ") {
			usage += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(w, "  %s\n        %s\n", strings.TrimSpace(dashes+f.Name+" "+value), usage)
	})
}

// usageError is a mistake in how the program was called.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// parse allows flags after arguments (likeness embed photos/ --model m); after
// -- all are arguments.
func parse(fs *flag.FlagSet, args []string) ([]string, error) {
	var rest []string
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, usagef("%v", err)
		}
		if read := len(args) - fs.NArg(); read > 0 && args[read-1] == "--" {
			return append(rest, fs.Args()...), nil
		}
		if fs.NArg() == 0 {
			return rest, nil
		}
		rest = append(rest, fs.Arg(0))
		args = fs.Args()[1:]
	}
}
