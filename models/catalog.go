// Package models holds the catalog of models that can be obtained.
package models

import _ "embed"

// Catalog is catalog.json.
//
//go:embed catalog.json
var Catalog []byte
