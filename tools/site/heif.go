package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"path/filepath"

	"likeness/tools/heif"
)

// writeHEIF writes the decoders of HEIC and AVIF, which are files of their own
// so that they can be replaced, and their licences.
func writeHEIF(out string) error {
	for _, format := range []string{"heic", "avif"} {
		packed := heif.Packed(format)
		if packed == nil {
			return fmt.Errorf("the decoder of %s is not in tools/heif/programs: make puts it there", format)
		}
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return err
		}
		program, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if err := writeFile(filepath.Join(out, "heif", format+".wasm"), program); err != nil {
			return err
		}
	}
	texts, err := filepath.Glob("tools/heif/programs/LICENSE.*.txt")
	if err != nil {
		return err
	}
	for _, text := range texts {
		if err := copyFile(text, filepath.Join(out, "heif", filepath.Base(text))); err != nil {
			return err
		}
	}
	return copyFile("tools/heif/README.md", filepath.Join(out, "heif", "README.txt"))
}
