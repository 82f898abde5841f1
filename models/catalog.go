// Package models holds the catalog of models that can be obtained. The default
// model lies beside it and need not be.
package models

import _ "embed"

// Catalog is catalog.json.
//
//go:embed catalog.json
var Catalog []byte

// Default is the model used where none is named, trained by this project:
// Default.safetensors lies in this folder. Default.md tells how good it is.
const Default = "likeness_v1"

// DefaultUnlike is the cosine below which 95 % of the pairs of photos of
// different things are, by the default model's default layer averaged: a picture
// that is no more alike than this is a stranger. Default.md tells of what photos.
const DefaultUnlike = 0.34
