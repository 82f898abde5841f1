package skip_test

import (
	"os"
	"testing"

	"likeness/engine/picture/skip"
)

func TestRule(t *testing.T) {
	for name, want := range map[string]bool{
		"@eaDir": true, "@EADIR": true, ".thumbnails": true, "#recycle": true, "$RECYCLE.BIN": true, "__MACOSX": true,
		"System Volume Information": true, "lost+found": true, ".@__thumb": true, ".git": true,
		"eaDir": false, "thumbnails": false, "recycle": false, "@home": false, "Thumbs.db": false, "2024": false, "": false,
	} {
		if skip.Folder(name, "photos") != want {
			t.Errorf("folder %q: %v, want %v", name, !want, want)
		}
	}
	for name, want := range map[string]bool{"originals": false, "Masters": false, "resources": true, "database": true, "@eaDir": true} {
		if skip.Folder(name, "Photos Library.photoslibrary") != want {
			t.Errorf("folder %q of a library of Photos: %v, want %v", name, !want, want)
		}
	}
	for name, want := range map[string]bool{
		".DS_Store": true, "._photo.jpg": true, "Thumbs.db": true, "THUMBS.DB": true, "desktop.ini": true, "Icon\r": true,
		"Icon": false, "photo.jpg": false, "@eaDir": false, "thumbs.db.jpg": false, "_.jpg": false,
	} {
		if skip.File(name) != want {
			t.Errorf("file %q: %v, want %v", name, !want, want)
		}
	}
}

// TestModule: the page follows the same rule.
func TestModule(t *testing.T) {
	const file = "../../../web/page/skip.js"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(data) != skip.Module() {
		t.Errorf("%s is out of date: go generate ./engine/picture/skip", file)
	}
}
