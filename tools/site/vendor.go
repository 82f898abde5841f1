package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// copyVendor makes one file of each module in web/vendor and the packages that
// it brings from node_modules, and copies their licences.
func (s *site) copyVendor() error {
	modules, err := filepath.Glob("web/vendor/*.js")
	if err != nil {
		return err
	}
	for _, module := range modules {
		build := exec.Command("node", "tools/site/bundle.js", module)
		build.Stderr = os.Stderr
		text, err := build.Output()
		if err != nil {
			return fmt.Errorf("%s: esbuild: %w: run npm ci in web/", module, err)
		}
		if err := s.write("vendor/"+filepath.Base(module), text); err != nil {
			return err
		}
	}
	for _, name := range []string{"hyparquet", "hyparquet-writer"} {
		if err := s.copy(filepath.Join("web/node_modules", name, "LICENSE"), "vendor/LICENSE."+name+".txt"); err != nil {
			return err
		}
	}
	return nil
}
