// Package skip is the rule by which the folders and files that other programs
// keep among pictures are passed over: previews, recycle bins, indexes. The
// command asks it, and the page by web/page/skip.js, which is made from it.
// Only what is found inside a folder is judged; what a person names outright
// is always taken.
package skip

import (
	"slices"
	"strings"
)

//go:generate go run ./internal/module ../../../web/page/skip.js

// folders are names of folders, in lower case. Names that begin with a dot
// (.thumbnails, .@__thumb, .Trash, .git) need no entry.
var folders = []string{
	"#recycle",                  // Synology: recycle bin
	"#snapshot",                 // Synology: earlier states
	"$recycle.bin",              // Windows: recycle bin
	"@eadir",                    // Synology: previews
	"@recently-snapshot",        // QNAP: earlier states
	"@recycle",                  // QNAP: recycle bin
	"@tmp",                      // Synology: unfinished transfers
	"__macosx",                  // macOS: what ZIP archives hold beside the files
	"lost+found",                // Linux: pieces of files after a check
	"network trash folder",      // macOS: on servers
	"recycler",                  // Windows XP: recycle bin
	"system volume information", // Windows: restore points
	"temporary items",           // macOS: on servers
}

// files are names of files, in lower case. Names that begin with a dot
// (.DS_Store, ._photo.jpg) need no entry.
var files = []string{
	"desktop.ini",       // Windows: how a folder is shown
	"ehthumbs.db",       // Windows Media Center: previews
	"ehthumbs_vista.db", // the same
	"icon\r",            // macOS: a folder's icon
	"picasa.ini",        // Picasa: ratings
	"thumbs.db",         // Windows: previews
	"zbthumbnail.info",  // ZoomBrowser: previews
}

// library ends the name of a library of macOS Photos, whose pictures are in the
// folders of originals: beside them it keeps previews and pieces of edits.
const library = ".photoslibrary"

// originals are the names of those folders, in lower case, the second until
// macOS 10.14.
var originals = []string{"originals", "masters"}

// Folder reports whether a folder of that name is another program's, or one in
// a library (parent) that holds no pictures of the person.
func Folder(name, parent string) bool {
	return is(folders, name) || strings.HasSuffix(strings.ToLower(parent), library) && !slices.Contains(originals, strings.ToLower(name))
}

// File reports whether a file of that name is another program's.
func File(name string) bool { return is(files, name) }

func is(list []string, name string) bool {
	return strings.HasPrefix(name, ".") || slices.Contains(list, strings.ToLower(name))
}

// Module is the rule as the page's JavaScript module.
func Module() string {
	var b strings.Builder
	b.WriteString("// Made by go generate ./engine/picture/skip: edit the lists there.\n")
	for _, l := range []struct {
		name, what string
		list       []string
	}{{"folders", "folder", folders}, {"files", "file", files}} {
		b.WriteString("\nconst " + l.name + " = new Set([\n")
		for i, s := range l.list {
			if i > 0 {
				b.WriteString(",\n")
			}
			b.WriteString("  '" + strings.ReplaceAll(s, "\r", `\r`) + "'")
		}
		b.WriteString("\n])\n")
	}
	b.WriteString("\nconst originals = new Set(['" + strings.Join(originals, "', '") + "'])\n" + functions)
	return b.String()
}

const functions = `
/**
 * Whether a folder inside a folder is another program's: previews, a recycle bin, an index.
 * @param {string} name without the path
 * @param {string} parent name of the folder that it is in
 */
export function skipFolder (name, parent) {
  return name.startsWith('.') || folders.has(name.toLowerCase()) ||
    (parent.toLowerCase().endsWith('` + library + `') && !originals.has(name.toLowerCase()))
}

/**
 * Whether a file inside a folder is another program's: previews, a recycle bin, an index.
 * @param {string} name without the path
 */
export function skipFile (name) {
  return name.startsWith('.') || files.has(name.toLowerCase())
}
`
