// Package convert is the door of the converter: files of other formats in, model
// files out. README.md says which package does what.
package convert

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"likeness/engine/model"
	"likeness/tools/convert/lower"
	"likeness/tools/output"
)

// Remedy is what to do about a network that is refused for a reason that does
// not say.
const Remedy = lower.Remedy

// ModelKind is what files a model may replace: models.
var ModelKind = output.Kind{Name: "a model", Is: func(head []byte) bool {
	// The length of the header, and the header, a JSON object.
	return len(head) > 8 && binary.LittleEndian.Uint64(head) < 1<<32 && head[8] == '{'
}}

// Write writes a model.
func Write(w io.Writer, f *model.File) error {
	b := bufio.NewWriterSize(w, 1<<16)
	if err := model.Write(b, f); err != nil {
		return err
	}
	return b.Flush()
}

// WriteFile writes a model so that no partial file is ever seen.
func WriteFile(path string, f *model.File) error {
	var set output.Set
	defer set.Discard()
	w, err := set.Create(path, ModelKind)
	if err != nil {
		return err
	}
	if err := Write(w, f); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return set.Commit()
}
