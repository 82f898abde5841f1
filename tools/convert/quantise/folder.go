package quantise

import (
	"io/fs"
	"path/filepath"
	"sort"

	"likeness/engine/picture/skip"
)

// maxPicture bounds the bytes of one file of a folder of pictures.
const maxPicture = 1 << 30

// PicturesIn lists the files of a folder and of those in it, in order; links
// to files are followed, what other programs keep there is passed over. Files
// that are no pictures are among them: only reading tells.
func PicturesIn(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || path == dir && d.IsDir():
			return err
		case d.IsDir() && skip.Folder(d.Name(), filepath.Base(filepath.Dir(path))):
			return fs.SkipDir
		case d.Type()&(fs.ModeNamedPipe|fs.ModeSocket|fs.ModeDevice) != 0:
		case !d.IsDir() && !skip.File(d.Name()):
			files = append(files, path)
		}
		return nil
	})
	sort.Strings(files)
	return files, err
}
