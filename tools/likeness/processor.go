package main

import (
	"bufio"
	"io"
	"strings"
)

// processorName is what Linux says of the first processor in /proc/cpuinfo: its
// name, or on ARM, where it has none, the numbers of its maker and its part.
func processorName(cpuinfo io.Reader) string {
	fields := map[string]string{}
	for s := bufio.NewScanner(cpuinfo); s.Scan(); {
		name, value, ok := strings.Cut(s.Text(), ":")
		if name = strings.TrimSpace(name); ok && fields[name] == "" {
			fields[name] = strings.TrimSpace(value)
		}
	}
	if name := fields["model name"]; name != "" {
		return name
	}
	if fields["CPU part"] == "" {
		return fields["Hardware"]
	}
	return "implementer " + fields["CPU implementer"] + ", part " + fields["CPU part"]
}
