package index

import (
	"errors"
	"fmt"
	"strconv"
)

// FormatName is the first field of every manifest of this version.
const FormatName = "likeness index 1"

// ManifestFile is the file that names all others. It is written last.
const ManifestFile = "index.json"

// Manifest describes an index. All other files have its generation in their
// names, so that files of two versions are never mixed.
type Manifest struct {
	Format string `json:"format"`
	// Generation is 16 hexadecimal digits of a SHA-256 of everything indexed.
	Generation string `json:"generation"`
	Count      int    `json:"count"` // of items, at least 1
	Dim        int    `json:"dim"`   // values of a vector
	// Vectors, Codes, Items and Thumbs are how many items a file of that kind
	// holds; 0 where there are no such files.
	Vectors int `json:"vectors"`
	Codes   int `json:"codes,omitempty"`
	Items   int `json:"items"`
	Thumbs  int `json:"thumbs,omitempty"`
	// Paths is how many entries a file of paths has; 0 where there are none.
	Paths int `json:"paths,omitempty"`
	// Tags is how many tags the one file of them has.
	Tags int `json:"tags,omitempty"`
	// Lists is the number of lists; 0 where every vector is compared.
	Lists int `json:"lists,omitempty"`
	// Margin says how many lists are looked through: those whose centre scores
	// at most so much less than the best; at least Least, at most Most.
	Margin int32 `json:"margin,omitempty"`
	Least  int   `json:"least,omitempty"`
	Most   int   `json:"most,omitempty"`
	// Rerank is how many of the best by code are ranked by their vectors.
	Rerank int `json:"rerank,omitempty"`
	// Checks are CRC-32C of the files of vectors where every vector is compared,
	// otherwise that of the file of lists.
	Checks []uint32 `json:"checks"`
	// Source is what the vectors were made by.
	Source Source `json:"source"`
	// Pictures describes the small pictures, if there are any.
	Pictures *Pictures `json:"pictures,omitempty"`
}

// Source says how a picture becomes a vector that can be looked for.
type Source struct {
	Model     string `json:"model"`      // name
	ModelHash string `json:"model_hash"` // as likeness inspect has it
	File      string `json:"file,omitempty"`
	Layer     string `json:"layer"`
	Pool      string `json:"pool"`
	Resize    string `json:"resize,omitempty"`
	Signal    string `json:"signal,omitempty"` // signal.Options.String, where files are no pictures
}

// Pictures says where the small pictures are.
type Pictures struct {
	Side int    `json:"side"` // of the longer side, in pixels
	Type string `json:"type"` // MIME type
}

// ErrDamaged is wrapped by errors of files that are not what the manifest says.
var ErrDamaged = errors.New("the index is damaged or was copied incompletely: build it again, or copy all of its files again")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrDamaged)
}

// The kinds of files, and the folders they lie in.
const (
	KindLists   = "lists"
	KindCodes   = "codes"
	KindVectors = "vectors"
	KindItems   = "items"
	KindThumbs  = "thumbs"
	KindTags    = "tags"
	KindPaths   = "paths"
)

// File names the n-th file of a kind.
func (m *Manifest) File(kind string, n int) string {
	return kind + "/" + m.Generation + "-" + strconv.Itoa(n) + ".bin"
}

// Bounds of what a manifest may say. They are far above any use, and keep sums
// within an int.
const (
	maxCount = 1 << 28
	maxDim   = 1 << 16
	maxLists = 1 << 20
)

// Validate refuses a manifest that no index can have.
func (m *Manifest) Validate() error {
	in := func(v, least, most int) bool { return v >= least && v <= most }
	switch {
	case m.Format != FormatName:
		return fmt.Errorf("the format is %q, this program reads %q: build the index again with the same version of likeness", m.Format, FormatName)
	case !isGeneration(m.Generation):
		return damaged("generation %q", m.Generation)
	case !in(m.Count, 1, maxCount) || !in(m.Dim, 1, maxDim) || !in(m.Vectors, 1, maxCount) || !in(m.Items, 1, maxCount) || !in(m.Thumbs, 0, maxCount) || !in(m.Paths, 0, maxCount):
		return damaged("a number in the manifest is out of range")
	case m.Lists == 0:
		if len(m.Checks) != files(m.Count, m.Vectors) {
			return damaged("%d checks for %d files of vectors", len(m.Checks), files(m.Count, m.Vectors))
		}
		return nil
	case !in(m.Lists, 1, min(maxLists, m.Count)) || !in(m.Codes, 1, maxCount) || !in(m.Least, 1, m.Lists) || !in(m.Most, m.Least, m.Lists) ||
		!in(m.Rerank, 1, maxCount) || m.Margin < 0 || len(m.Checks) != 1:
		return damaged("a number of the lists is out of range")
	}
	return nil
}

func isGeneration(s string) bool {
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == 16
}

// files is how many files of each items hold count.
func files(count, each int) int { return (count + each - 1) / each }

// codeBytes is the length of a code.
func codeBytes(dim int) int { return (dim + 7) / 8 }
