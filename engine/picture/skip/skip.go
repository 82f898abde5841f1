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

// Folder reports whether a folder of that name is another program's.
func Folder(name string) bool { return is(folders, name) }

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
	for _, f := range [][3]string{{"skipFolder", "folder", "folders"}, {"skipFile", "file", "files"}} {
		b.WriteString("\n/**\n * Whether a " + f[1] + " inside a folder is another program's: previews, a recycle bin, an index.\n" +
			" * @param {string} name without the path\n */\n" +
			"export function " + f[0] + " (name) {\n  return name.startsWith('.') || " + f[2] + ".has(name.toLowerCase())\n}\n")
	}
	return b.String()
}
