package output

import (
	"fmt"
	"strings"
)

// devices are the names that Windows takes for devices in every folder, with
// whatever extension.
var devices = map[string]bool{"con": true, "prn": true, "aux": true, "nul": true, "conin$": true, "conout$": true}

func init() {
	for _, port := range []string{"com", "lpt"} {
		for _, n := range "0123456789¹²³" {
			devices[port+string(n)] = true
		}
	}
}

// checkName refuses names that a system takes for something else than a file:
// of Windows, its devices, streams of other files (photos.npy:x), and ends that
// it drops, so that another file would be written than was named.
func checkName(goos, path string) error {
	if goos != "windows" || strings.EqualFold(path, "nul") { // that one swallows everything, as is wanted
		return nil
	}
	base := path[strings.LastIndexAny(path, `/\`)+1:]
	if base == path && len(path) > 1 && path[1] == ':' {
		base = path[2:] // of the folder that is in use on that drive
	}
	stem, _, _ := strings.Cut(base, ".")
	switch {
	case devices[strings.ToLower(strings.TrimRight(stem, " "))]:
		return fmt.Errorf("cannot write %s: Windows takes that name for a device: choose another name", path)
	case strings.ContainsAny(base, `<>:"|?*`):
		return fmt.Errorf("cannot write %s: names of files in Windows do not hold < > : \" | ? *: choose another name", path)
	case strings.TrimRight(base, ". ") != base && base != "." && base != "..":
		return fmt.Errorf("cannot write %s: Windows drops dots and blanks at the end of a name: choose another name", path)
	}
	return nil
}
