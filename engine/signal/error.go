package signal

import "likeness/engine/picture/raster"

// Error says why no picture can be made and what to do; it is that of pictures.
type Error = raster.Error

// Codes of Error.
const (
	CodeEmpty    = "signal-empty"     // no bytes, no samples or no numbers
	CodeFormat   = "signal-format"    // not of the kind that is wanted
	CodeFeature  = "signal-feature"   // compressed, or of a kind that is not read
	CodeCorrupt  = "signal-corrupt"   // damaged or cut off
	CodeTooLarge = "signal-too-large" // longer than what is read
	CodeOptions  = "signal-options"   // a parameter that is unknown or does not fit
)

func refuse(code, format string, args ...any) error {
	return raster.Errorf(code, nil, format, args...)
}
