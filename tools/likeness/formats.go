package main

import (
	"likeness/engine/picture"
	"likeness/tools/heif"
)

// The engine reads what it can in the browser too; the command adds the formats
// whose decoders are programs of others.
func init() {
	picture.Register("heic", heif.Open)
	picture.Register("avif", heif.Open)
}
