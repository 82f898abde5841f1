package raster

import "fmt"

// Codes of Error.
const (
	CodeEmpty    = "picture-empty"     // no bytes
	CodeFormat   = "picture-format"    // not a picture, or of a kind that is not read
	CodeFeature  = "picture-feature"   // a known format with a feature that is not read
	CodeHEIC     = "picture-heic"      // HEIC or AVIF where no decoder for it is at hand
	CodeCorrupt  = "picture-corrupt"   // damaged or cut off
	CodeTooLarge = "picture-too-large" // takes more memory or pixels than the limit
	CodeZeroSize = "picture-zero-size" // no width or no height
)

// Error says why a picture cannot be used and what to do. Its text is the same
// wherever the picture is read: page, library and command.
type Error struct {
	Code string
	Msg  string
	Err  error
}

func (e *Error) Error() string { return e.Msg }
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode is the code, for programs.
func (e *Error) ErrorCode() string { return e.Code }

// Errorf makes an Error around err, which may be nil.
func Errorf(code string, err error, format string, args ...any) error {
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...), Err: err}
}

// Unsupported refuses a feature by its name, which follows "uses": "arithmetic
// coding", "12 bits per sample".
func Unsupported(format, feature string) error {
	return Errorf(CodeFeature, nil, "the %s picture uses %s, which is not read: save it again as an ordinary JPEG or PNG", format, feature)
}

// NoDecoder refuses a format of which this program has no decoder: HEIC or AVIF.
func NoDecoder(format string) error {
	return Errorf(CodeHEIC, nil, "%s pictures are not read here: convert it to JPEG or PNG, or open it in a browser that can show it", format)
}

// CutOff refuses a file that ends before its picture does.
func CutOff(format string) error {
	return Errorf(CodeCorrupt, nil, "the %s picture is cut off: copy or download it again", format)
}

// Damaged refuses a file whose picture is there but wrong; what, if it is not
// empty, says where: "row 17 has an unknown filter".
func Damaged(format, what string) error {
	if what != "" {
		what = " (" + what + ")"
	}
	return Errorf(CodeCorrupt, nil, "the %s picture is damaged%s: copy or download it again", format, what)
}
