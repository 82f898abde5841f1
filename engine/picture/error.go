package picture

import "likeness/engine/picture/raster"

// Error says why a picture cannot be used and what to do.
type Error = raster.Error

// Codes of Error.
const (
	CodeEmpty    = raster.CodeEmpty
	CodeFormat   = raster.CodeFormat
	CodeFeature  = raster.CodeFeature
	CodeHEIC     = raster.CodeHEIC
	CodeCorrupt  = raster.CodeCorrupt
	CodeTooLarge = raster.CodeTooLarge
	CodeZeroSize = raster.CodeZeroSize
	// CodeSize: the picture is not of the network's input size and was asked
	// not to be resized.
	CodeSize = "picture-size"
	// CodeShape: no part of the resized picture can be held, so long it is.
	CodeShape = "picture-shape"
)
