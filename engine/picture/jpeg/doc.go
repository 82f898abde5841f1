// Package jpeg reads JPEG pictures (ITU-T T.81, JFIF, Adobe's marker) at their
// size or at a half, a quarter or an eighth of it, decoding only what that size
// needs.
//
// Read are baseline, extended and progressive files of 8 bits per sample in 1,
// 3 or 4 components of any legal sampling. Lossless, hierarchical, arithmetic
// and 12-bit files are refused by name.
//
//	func Open(data []byte, o raster.Options) (raster.Source, error)
//	func OpenTables(tables, data []byte, o raster.Options, c Color) (raster.Source, error)
//
// A file that ends before its picture does is refused at every size; only the
// end marker may be missing.
package jpeg
