// Command obtain copies the decoders of HEIC and AVIF, and their licences, from
// the Go modules that go.mod names into tools/heif/programs, where package heif
// embeds them. They are programs of others under other licences (libheif and
// libde265 are LGPL) and are not kept in this repository.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// wanted is a file of a module. The sum of a program is checked: what decodes
// decides about bits.
type wanted struct{ module, file, to, sha256 string }

const (
	heic = "github.com/gen2brain/heic"
	avif = "github.com/gen2brain/avif"
)

var files = []wanted{
	{heic, "lib/heif.wasm.gz", "heic.wasm.gz", "3634a6447ea3915633667f39e01ff540a60f4e2f837a8391d044d76dfd8a0435"},
	{heic, "lib/LICENSE.libheif", "LICENSE.libheif.txt", ""},
	{heic, "lib/LICENSE.libde265", "LICENSE.libde265.txt", ""},
	{heic, "LICENSE", "LICENSE.wrapper.txt", ""},
	{avif, "lib/decode.wasm.gz", "avif.wasm.gz", "1ee2423413384d54b3fa4e2882424d60a2a05f5fe7ec573535fdb6b531071a9b"},
	{avif, "lib/LICENSE.libavif", "LICENSE.libavif.txt", ""},
	{avif, "lib/LICENSE.aom", "LICENSE.libaom.txt", ""},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: obtain FOLDER")
		os.Exit(2)
	}
	if err := obtain(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "obtain:", err)
		os.Exit(1)
	}
}

func obtain(folder string) error {
	dirs := map[string]string{}
	for _, w := range files {
		if dirs[w.module] == "" {
			dir, err := moduleDir(w.module)
			if err != nil {
				return err
			}
			dirs[w.module] = dir
		}
		data, err := os.ReadFile(filepath.Join(dirs[w.module], filepath.FromSlash(w.file)))
		if err != nil {
			return err
		}
		if sum := sha256.Sum256(data); w.sha256 != "" && hex.EncodeToString(sum[:]) != w.sha256 {
			return fmt.Errorf("%s of %s has sha256 %x, expected %s: the module's version was changed; decode the test pictures with it and change the sum", w.file, w.module, sum, w.sha256)
		}
		if err := os.WriteFile(filepath.Join(folder, w.to), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// moduleDir downloads a module in the version of go.mod, if it is not there.
func moduleDir(path string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("go", "mod", "download", "-json", path)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var m struct{ Dir, Error string }
	if json.Unmarshal(stdout.Bytes(), &m) == nil && m.Error != "" {
		err = errors.New(m.Error)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", path, err, stderr.String())
	}
	return m.Dir, nil
}
