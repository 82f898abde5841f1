package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"likeness/engine/picture"
)

// decoding names how pictures are decoded and prepared by this version of the
// program. Raise it whenever the same file gives another vector, so that
// --update does not mix vectors of two kinds.
const decoding = 1

// origin says what made a set of vectors; others must not be mixed with it.
type origin struct {
	Model      string `json:"model"`
	ModelHash  string `json:"model_hash"`
	Layer      string `json:"layer"`
	Pool       string `json:"pool"`
	Normalized bool   `json:"normalized"`
	Format     string `json:"format"`
	Dim        int    `json:"dim"`
	// Signal is what pictures were made of files that are none, as
	// signal.Options.String has it.
	Signal string `json:"signal,omitempty"`
}

// setting is origin and what else two runs must agree in.
type setting struct {
	origin
	Prepare  picture.Preparation `json:"prepare"`
	Decoding int                 `json:"decoding"`
}

// sideFile is FILE.json: what the vectors in FILE are and whose, and what
// --update needs to know of the pictures. The columns are in the order of the
// vectors.
type sideFile struct {
	setting
	Count  int         `json:"count"`
	Names  []exactName `json:"names,omitempty"` // where the format has no room for them
	Sizes  []int64     `json:"size"`            // bytes of each picture's file
	Times  []int64     `json:"mtime_ns"`        // of its last modification, since 1970
	SHA256 []string    `json:"sha256,omitempty"`
	Flags  []flagged   `json:"flags,omitempty"`
	// File is FILE itself: a FILE that does not go with this one is noticed.
	File struct {
		Bytes  int64  `json:"bytes"`
		SHA256 string `json:"sha256"`
	} `json:"file"`
	// Checksum is the sha256 of this file with zeros in the checksum's place.
	Checksum string `json:"checksum"`
}

var (
	checksumField = regexp.MustCompile(`"checksum": "([0-9a-f]{64})"\s*\}\s*$`)
	noChecksum    = string(bytes.Repeat([]byte{'0'}, 64))
)

// encode writes the file and its checksum.
func (s *sideFile) encode() ([]byte, error) {
	s.Checksum = noChecksum
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(s); err != nil {
		return nil, err
	}
	data := b.Bytes()
	at := checksumField.FindSubmatchIndex(data)
	if at == nil {
		return nil, errors.New("no place for the checksum")
	}
	sum := sha256.Sum256(data)
	s.Checksum = hex.EncodeToString(sum[:])
	copy(data[at[2]:at[3]], s.Checksum)
	return data, nil
}

// readSideFile reads what encode wrote, to the byte.
func readSideFile(data []byte) (*sideFile, error) {
	s := &sideFile{}
	at := checksumField.FindSubmatchIndex(data)
	if at == nil {
		if json.Unmarshal(data, s) == nil && s.ModelHash != "" {
			return nil, errors.New("it was written by an earlier version, without what --update needs")
		}
		return nil, errors.New("it is damaged or of another program")
	}
	blank := bytes.Clone(data)
	copy(blank[at[2]:at[3]], noChecksum)
	sum := sha256.Sum256(blank)
	if hex.EncodeToString(sum[:]) != string(data[at[2]:at[3]]) {
		return nil, errors.New("it was edited or damaged: its checksum is wrong")
	}
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	named := s.Format == "npy" || s.Format == "tsv"
	if s.Count < 0 || len(s.Sizes) != s.Count || len(s.Times) != s.Count || named && len(s.Names) != s.Count || s.SHA256 != nil && len(s.SHA256) != s.Count {
		return nil, errors.New("its columns are of different lengths")
	}
	return s, nil
}

// differs says in what two runs do not agree and what to do, or "".
func (a setting) differs(b setting) string {
	for _, f := range []struct {
		name, flag string
		was, is    any
	}{
		{"model", "--model", a.Model + " " + clip(a.ModelHash, 24), b.Model + " " + clip(b.ModelHash, 24)},
		{"model hash", "--model", a.ModelHash, b.ModelHash},
		{"layer", "--layer", a.Layer, b.Layer},
		{"pooling", "--pool", a.Pool, b.Pool},
		{"normalisation", "--normalize", a.Normalized, b.Normalized},
		{"format", "--format", a.Format, b.Format},
		{"number of values", "--layer and --pool", a.Dim, b.Dim},
		{"way of making pictures of other files", "--as and --signal", a.Signal, b.Signal},
		{"preparation", "--resize", fmt.Sprintf("%+v", a.Prepare), fmt.Sprintf("%+v", b.Prepare)},
	} {
		if f.was != f.is {
			return fmt.Sprintf("its %s is %v, this run's is %v: choose the same with %s, another file with -o, or leave out --update to make it anew", f.name, f.was, f.is, f.flag)
		}
	}
	if a.Decoding != b.Decoding {
		return fmt.Sprintf("its pictures were decoded in another way, that of version %d of the decoders, this program's is %d: leave out --update to make it anew", a.Decoding, b.Decoding)
	}
	return ""
}
