//go:build modules

// This file only keeps in go.mod the modules whose files obtain copies. Their
// Go code is not used; ../README.md says why.
package main

import (
	_ "github.com/gen2brain/avif"
	_ "github.com/gen2brain/heic"
)
